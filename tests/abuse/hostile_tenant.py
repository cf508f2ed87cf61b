"""What one user does to a platform who wants it to answer nobody else, all at once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fixtures.platform import SESSION_COOKIE, Client, Platform

WAITS = 64
DISK_MB = 512  # that each of his sandboxes may fill
VISITORS = 60
LINE = "a" * 28 + "!"
BOMB = "\n" * 20_000 + "x"
MUTE = """
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 3000)); s.listen(0)
time.sleep(3600)
"""
HANDLE = """
from sandboxes.models import Sandbox
print("PID", Sandbox.objects.get(pk="{}").session.handle["pid"])
"""


class HostileTenant:
    """Threads that go on until the `with` block ends; `answers` counts what they were told."""

    def __init__(self, platform: Platform, program: Client, cookie: str) -> None:
        self.platform = platform
        self.program = program
        self.cookie = cookie
        self.answers: Counter[int] = Counter()
        self.refusal: dict[str, Any] = {}
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
        self._receiver.daemon_threads = True
        self._frozen: list[int] = []

    def __enter__(self) -> HostileTenant:
        wishes = {"wait": 60, "timeout": 3600, "limits": {"disk_mb": DISK_MB, "processes": 200}}
        made = [self.program("POST", "sandboxes", wishes)["id"] for _ in range(4)]
        self.box, self.stopped, *self.dead = made
        self.program("POST", f"sandboxes/{self.stopped}/stop")
        self._begin(self._receiver.serve_forever)
        self._hooks()
        self._run("python3", "-c", MUTE, background=True)
        self.log = self._run("sh", "-c", f"for i in $(seq 3000); do echo {LINE}; done", wait=30)
        for number in range(4):
            self._put(self.box, f"bomb{number}.java", f"{number}{BOMB}".encode())
        for box in self.dead:
            self._freeze(box)
        for work, times in (
            (self._wait, WAITS),
            (self._search, 8),
            (self._highlight, 8),
            (self._ask_the_dead, 16),
            (self._visit, VISITORS),
            (self._write, 4),
            (self._flood, 4),
            (self._announce, 2),
            (self._converse, 2),
        ):
            for _ in range(times):
                self._begin(self._again(work))
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for pid in self._frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        for thread in self._threads[1:]:
            thread.join(60)
        self._receiver.shutdown()
        self._receiver.server_close()

    # --- what he does -------------------------------------------------------------------------

    def _wait(self) -> None:
        body = {"command": "sleep", "args": ["25"], "wait": 25}
        self._ask("POST", f"/api/v1/sandboxes/{self.box}/commands", body)

    def _search(self) -> None:
        self._ask("GET", f"/api/v1/commands/{self.log}/logs/search?regex=1&q=(a%2B)%2B%24")

    def _highlight(self) -> None:
        number = threading.get_ident() % 4
        self._ask("GET", f"/sandboxes/{self.box}/file/?path=bomb{number}.java", page=True)
        self._put(self.box, f"bomb{number}.java", f"{time.monotonic()}{BOMB}".encode())

    def _ask_the_dead(self) -> None:
        box = self.dead[threading.get_ident() % len(self.dead)]
        self._ask("GET", f"/api/v1/sandboxes/{box}/files?path=.")

    def _visit(self) -> None:
        host = self.platform.preview(self.box)
        self._ask("GET", "/", host=host)

    def _write(self) -> None:
        self._put(self.stopped, f"f{threading.get_ident()}-{time.monotonic()}", b"x" * 4_000_000)

    def _flood(self) -> None:
        self._ask(
            "POST",
            f"/api/v1/sandboxes/{self.box}/commands",
            {"command": "timeout", "args": ["10", "yes"], "wait": 12},
        )

    def _announce(self) -> None:
        for _ in range(10):
            self._ask("POST", f"/api/v1/sandboxes/{self.box}/commands", {"command": "true"})
        self._over.wait(1)

    def _converse(self) -> None:
        self._ask("POST", "/api/v1/conversations", {})

    # --- how ----------------------------------------------------------------------------------

    def _hooks(self) -> None:
        url = f"http://127.0.0.1:{self._receiver.server_port}/"
        for number in range(10):
            body = {"url": f"{url}{number}", "events": ["command.finished"]}
            self._ask("POST", "/api/v1/webhooks", body)

    def _freeze(self, box: str) -> None:
        """Its agent answers nobody, as when its own root has crippled it."""
        pid = int(self.platform.manage("shell", "-c", HANDLE.format(box)).rpartition("PID ")[2])
        os.kill(pid, signal.SIGSTOP)
        self._frozen.append(pid)

    def _run(self, program: str, *words: str, **more: Any) -> str:
        body = {"command": program, "args": list(words), **more}
        return str(self.program("POST", f"sandboxes/{self.box}/commands", body)["id"])

    def _put(self, box: str, path: str, content: bytes) -> None:
        self._ask("PUT", f"/api/v1/sandboxes/{box}/files/content?path={path}", content)

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _again(self, work: Callable[[], None]) -> Callable[[], None]:
        def loop() -> None:
            while not self._over.is_set():
                work()
                self._over.wait(0.05)  # a client in a hurry, not the network of a lab

        return loop

    def _ask(
        self, method: str, path: str, body: Any = None, *, host: str = "", page: bool = False
    ) -> None:
        raw = isinstance(body, bytes)
        headers = {"Content-Type": "application/octet-stream" if raw else "application/json"}
        if page:
            headers["Cookie"] = f"{SESSION_COOKIE}={self.cookie}"
        elif not host:
            headers["Authorization"] = f"Bearer {self.program.key}"
        if host:
            headers |= {"Host": host, "X-Vibe-Key": self.program.key}
        data = body if raw or body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.platform.url}{path}", method=method, data=data, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()
                self.answers[answer.status] += 1
        except urllib.error.HTTPError as error:
            self.answers[error.code] += 1
            # Quotas are refused with the same status; what is told here is who waits for himself.
            if error.code == 429 and "share" in (told := error.read().decode()):
                self.refusal = json.loads(told)
        except (TimeoutError, OSError):
            self.answers[0] += 1


class _Slow(BaseHTTPRequestHandler):
    """A receiver of webhooks that takes its time."""

    def do_POST(self) -> None:
        time.sleep(20)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

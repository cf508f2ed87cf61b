"""A large file in and out, while the web process stays as small as it was."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fixtures.length import length
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.battery, pytest.mark.alone]
SIZE = length(64, 100) << 20
MAY_GROW = 40 << 20


def resident(pid: int) -> int:
    """Bytes of a process that are in memory; 0 when it has ended."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


@contextmanager
def growth(pid: int) -> Iterator[list[int]]:
    """By how many bytes the process was larger than at the start, at its largest."""
    before, largest, done = resident(pid), [0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            largest[0] = max(largest[0], resident(pid) - before)
            time.sleep(0.005)

    thread = threading.Thread(target=watch)
    thread.start()
    yield largest
    done.set()
    thread.join()


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_a_large_file_is_never_whole_in_memory(platform, program, state: str) -> None:
    sandbox = program("POST", "sandboxes", {})["id"]
    url = f"sandboxes/{sandbox}"
    until(lambda: program("GET", url)["status"] == "running")
    if state == "stopped":
        program("POST", f"sandboxes/{sandbox}/stop")
        until(lambda: program("GET", url)["status"] == "stopped")
    web = platform.child("daphne")
    path = f"/api/v1/sandboxes/{sandbox}/files/content?path=large"
    headers = {"Authorization": f"Bearer {program.key}", "Content-Type": "application/octet-stream"}
    content = os.urandom(1 << 20) * (SIZE >> 20)

    def ask(method: str, body: bytes | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=120)
        connection.request(method, path, body, headers)
        return connection.getresponse()

    ask("PUT", b"warm").read()
    ask("GET").read()
    with growth(web) as up:
        answer = ask("PUT", content)
        assert answer.status == 200, answer.read()
    digest = hashlib.sha256()
    with growth(web) as down:
        answer = ask("GET")
        while block := answer.read(1 << 20):
            digest.update(block)
    assert digest.digest() == hashlib.sha256(content).digest()
    with growth(web) as slow:
        answer = ask("GET")
        answer.read(1000)
        time.sleep(2)  # a client that does not read; what waits for it must not gather
        answer.close()
    print(f"{state}: grew by {up[0] >> 20}, {down[0] >> 20} and {slow[0] >> 20} MB")
    assert max(up[0], down[0], slow[0]) < MAY_GROW


@pytest.mark.parametrize("form", [False, True], ids=["raw", "form"])
def test_a_large_attachment_is_never_whole_in_memory(platform, program, form: bool) -> None:
    web = platform.child("daphne")
    content = os.urandom(1 << 20) * (SIZE >> 20)
    kind, body = "application/octet-stream", content
    if form:
        head = (
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n"
        )
        kind, body = "multipart/form-data; boundary=edge", head + content + b"\r\n--edge--\r\n"
    headers = {"Authorization": f"Bearer {program.key}", "Content-Type": kind}

    def send(body: bytes, path: str = "/api/v1/attachments?name=large"):
        connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=120)
        connection.request("POST", path, body, headers)
        return connection.getresponse()

    send(body[:1000]).read()
    with growth(web) as grown:
        answer = send(body)
        said = json.loads(answer.read())

    assert answer.status == 201, said
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    assert grown[0] < MAY_GROW
    program("DELETE", f"attachments/{said['id']}")

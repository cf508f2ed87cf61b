"""One platform per data directory, and a free port for it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

NEXT_PORTS = 50


class CannotStart(Exception):
    """Why the platform cannot start, and what to do."""


class InstanceLock:
    """Holds `up.lock` in the data directory for as long as the process lives.

    The kernel drops the lock with the process, however it ends; the text in the file only says
    whom to look for.
    """

    def __init__(self, data_dir: Path) -> None:
        self.file = data_dir / "up.lock"
        self.descriptor = -1
        self.left_behind = False  # the last platform here was killed, its processes may linger

    def acquire(self, url: str) -> None:
        """Take the lock and note `url` there. Raises CannotStart when a platform runs here."""
        # Not inherited by children: one that outlived us would keep the directory locked.
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(descriptor)
            os.close(descriptor)
            raise CannotStart(
                f"Vibe is already running as pid {holder.get('pid', '?')} at "
                f"{holder.get('url', 'an unknown address')}\nStop it with Ctrl-C in its terminal, "
                "or run a second one with another VIBE_DATA_DIR and another --port."
            ) from None
        self.left_behind = bool(_read(descriptor))
        self.descriptor = descriptor
        self._write(json.dumps({"pid": os.getpid(), "url": url}))

    def release(self) -> None:
        """Give the lock back after an orderly stop."""
        if self.descriptor >= 0:
            self._write("")
            os.close(self.descriptor)
            self.descriptor = -1

    def _write(self, text: str) -> None:
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)


def _read(descriptor: int) -> dict[str, object]:
    with contextlib.suppress(ValueError):
        found = json.loads(os.pread(descriptor, 4096, 0))
        if isinstance(found, dict):
            return found
    return {}


def check_port(host: str, port: int, *, patience: float = 0.0) -> None:
    """Raise CannotStart unless `port` (1–65535) can be listened on.

    patience: seconds to wait for it, for the remains of a platform that was killed.
    """
    deadline = time.monotonic() + patience
    while (error := _try_bind(host, port)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
            break
        time.sleep(0.1)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        free = _next_free(host, port)
        advice = f" Run: python3 manage.py up --port {free}" if free else ""
        raise CannotStart(f"Port {port} is taken.{advice}")
    if error.errno == errno.EACCES:
        raise CannotStart(f"Port {port} needs more rights than you have. Take one above 1023.")
    raise CannotStart(f"The address {host} cannot be listened on: {error.strerror or error}.")


def _next_free(host: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + 1 + NEXT_PORTS, 65536)):
        if _try_bind(host, candidate) is None:
            return candidate
    return None


def _try_bind(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error
    return None


async def wait_until_gone(answers: Callable[[], bool], patience: float) -> bool:
    """Wait up to `patience` seconds until `answers()` is false; returns whether it came to that."""
    deadline = time.monotonic() + patience
    while await asyncio.to_thread(answers):
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(0.1)
    return True


def running_url(data_dir: Path) -> str | None:
    """Address of the platform that runs on `data_dir` right now, or None."""
    try:
        descriptor = os.open(data_dir / "up.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        url = _read(descriptor).get("url")
        return str(url) if url else None
    finally:
        os.close(descriptor)
    return None

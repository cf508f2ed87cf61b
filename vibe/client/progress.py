"""What a person sees while something takes its time; silent where nobody looks."""

from __future__ import annotations

import sys
import threading
import time
from typing import IO

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
EVERY = 0.1


class Working:
    """`with Working("Starting"):` shows a moving line with the seconds on a terminal."""

    def __init__(self, what: str, stream: IO[str] = sys.stderr) -> None:
        self.what = what
        self.stream = stream
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Working:
        if self.stream.isatty():
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _show(self) -> None:
        start = time.monotonic()
        number = 0
        while not self._ended.wait(EVERY):
            seconds = time.monotonic() - start
            frame = FRAMES[number % len(FRAMES)]
            self.stream.write(f"\r\x1b[K{frame} {self.what} {seconds:.0f} s")
            self.stream.flush()
            number += 1


class Counted:
    """A binary file that shows on a terminal how much of it has been read or written."""

    def __init__(self, file: IO[bytes], what: str, total: int | None = None) -> None:
        self._file = file
        self._what = what
        self._total = total
        self._done = 0
        self._shown = 0.0
        self._visible = sys.stderr.isatty()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._count(len(data))
        return data

    def write(self, data: bytes) -> int:
        self._count(len(data))
        return self._file.write(data)

    def end(self) -> None:
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _count(self, size: int) -> None:
        self._done += size
        now = time.monotonic()
        if self._visible and now - self._shown >= EVERY:
            self._shown = now
            share = f" {self._done * 100 // self._total} %" if self._total else ""
            sys.stderr.write(f"\r\x1b[K{self._what}{share} {self._done / 1e6:.1f} MB")
            sys.stderr.flush()

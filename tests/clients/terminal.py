"""A client's program with a terminal of its own, as when a person types."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

PATIENCE = 90.0


class Terminal:
    """Runs `argv`; `output` is all that has come."""

    def __init__(self, argv: list[str], environment: dict[str, str], cwd: Path) -> None:
        self.output = b""
        self._master, slave = pty.openpty()
        self.resize(100, 30)
        self.process = subprocess.Popen(
            argv,
            env={**environment, "TERM": "xterm-256color"},
            cwd=cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def resize(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        if hasattr(self, "process"):
            self.process.send_signal(signal.SIGWINCH)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def until(self, wanted: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.output:
            assert self._read(deadline), self.output.decode("utf-8", "replace")[-3000:]

    def end(self) -> int:
        """The exit code, once the program has ended by itself."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(10)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        os.close(self._master)

    def _read(self, deadline: float) -> bool:
        """Take in what comes; False at the end."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # nobody has the other end open any more
            return False
        self.output += data
        return bool(data)

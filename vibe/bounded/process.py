"""One such process, from its first call to the one that takes too long."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMORY_BYTES = 1 << 30
# Behind whatever answers people: it may compute, not get in their way.
NICE = 5
# A machine under load may not let it run for a while; CPU_SECONDS of the program count before.
WALL_SECONDS = 5.0


class TookTooLong(Exception):
    """`by_itself`: the function used up its processor time; else the machine was too busy."""

    def __init__(self, *, by_itself: bool) -> None:
        super().__init__()
        self.by_itself = by_itself


class BoundedProcess:
    """Belongs to one thread at a time; start() once before call()."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vibe.bounded.program"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PYTHONUTF8": "1"},  # no secret of ours
            start_new_session=True,
        )
        resource.prlimit(self._process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)

    def call(self, function: str, *arguments: str) -> str | None:
        """What the function returns; None when it raised. Raises TookTooLong: it has ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        deadline = time.monotonic() + WALL_SECONDS
        try:
            # Read whole before it is worked on, so this cannot block for longer than it lives.
            stdin.write(json.dumps([function, *arguments]).encode() + b"\n")
            stdin.flush()
            answer = self._line(stdout.fileno(), deadline)
        except OSError:
            answer = b""
        if not answer:
            self.close()
            raise TookTooLong(by_itself=self._process.returncode == -signal.SIGPROF)
        found: str | None = json.loads(answer)
        return found

    def close(self) -> None:
        """End it; harmless when it has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass

    @staticmethod
    def _line(descriptor: int, deadline: float) -> bytes:
        """A whole line; nothing at the end or at the deadline."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        pieces: list[bytes] = []
        while not pieces or not pieces[-1].endswith(b"\n"):
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return b""
            if not (piece := os.read(descriptor, 1 << 20)):
                return b""
            pieces.append(piece)
        return b"".join(pieces)

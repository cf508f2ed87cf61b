"""The agent's side of a pseudo-terminal: its output goes into a pipe, like any command's.

The terminal itself never leaves the sandbox: a descriptor of it shares its flags with whoever
sent it and cannot be opened anew, so the host could be made to block on it.
"""

from __future__ import annotations

import fcntl
import os
import struct

from .kernel import TIOCSWINSZ
from .ready import READ, WRITE, Ready
from .refusal import Refused

MAX_SIDE = 1000
READ_BYTES = 64 * 1024


class Terminal:
    """Reads the terminal no faster than the pipe's reader takes it, so a flood waits."""

    def __init__(self, master: int, output: int, ready: Ready) -> None:
        self.master = master
        self.output = output
        self.ready = ready
        self.held = b""
        self.watched = -1

    def start(self) -> None:
        os.set_blocking(self.master, False)
        os.set_blocking(self.output, False)
        self._watch(self.master)

    def resize(self, cols: object, rows: object) -> None:
        """Tell the terminal its size; the programs in its foreground get SIGWINCH."""
        if self.master < 0:
            raise Refused("not_found", "The terminal has been closed.")
        set_size(self.master, cols, rows)

    def end(self) -> None:
        """Hang up: whatever still has the terminal open reads its end."""
        self._watch(-1)
        for descriptor in (self.master, self.output):
            if descriptor >= 0:
                os.close(descriptor)
        self.master = self.output = -1

    def _read(self) -> None:
        try:
            self.held = os.read(self.master, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # EIO: no process has it open any more
            self.held = b""
        if self.held:
            self._write()
        else:
            self._finish()

    def _write(self) -> None:
        try:
            while self.held:
                self.held = self.held[os.write(self.output, self.held) :]
        except BlockingIOError:
            self._watch(self.output)
            return
        except OSError:  # unreachable while the agent keeps the read end, but never a crash
            self._finish()
            return
        self._watch(self.master)

    def _finish(self) -> None:
        """The end of the output, which its reader sees as the end of the pipe."""
        self._watch(-1)
        os.close(self.output)
        self.output = -1

    def _watch(self, descriptor: int) -> None:
        if descriptor == self.watched:
            return
        if self.watched >= 0:
            self.ready.unregister(self.watched)
        if descriptor >= 0 and descriptor == self.master:
            self.ready.register(descriptor, READ, self._read)
        elif descriptor >= 0:
            self.ready.register(descriptor, WRITE, self._write)
        self.watched = descriptor


def set_size(terminal: int, cols: object, rows: object) -> None:
    """Set the size in characters; raises Refused unless both are 1 to 1000."""
    for side in (cols, rows):
        if type(side) is not int or not 0 < side <= MAX_SIDE:
            raise Refused("invalid", f"A terminal has 1 to {MAX_SIDE} columns and rows.")
    fcntl.ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

"""The standard streams of one command: what it gets as 0, 1 and 2, and what is kept of them."""

from __future__ import annotations

import fcntl
import os

from .channel import close_all
from .ready import READ, Ready
from .refusal import Refused
from .standard_input import StandardInput
from .terminal import Terminal, set_size

DISCARD_BYTES = 64 * 1024
PIPE_BYTES = 256 * 1024  # four such pipes a command; the kernel allows 64 MiB in all per user
NO_TERMINAL = (
    "There are no terminals at this level of isolation: the terminals of the user that the "
    "platform runs as would be open too. Run the command without one."
)


class Streams:
    """`child` is what the command gets (stdin -1: nothing to read), `ends` what the host gets:
    stdout, stderr, then both ends of the two in-flight pipes.

    With `terminal`, a size, all three streams are one pseudo-terminal; its output comes through
    the stdout pipe. With `stdin`, the command reads what the host writes.
    """

    def __init__(self, ready: Ready, *, stdin: bool, terminal: dict | None) -> None:
        """Raises OSError, and Refused for a size that no terminal has."""
        self.ready = ready
        self.input: StandardInput | None = None
        self.terminal: Terminal | None = None
        self._opened: list[int] = []
        try:
            out, err, first, second = (self._pipe() for _ in range(4))
            self.ends = [out[0], err[0], *first, *second]
            if terminal is None:
                self._plain(out, err, stdin)
            else:
                self._terminal(out, err, terminal)
            for end in self.ends:
                os.set_blocking(end, False)
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """The command could not be started after all."""
        close_all(self._opened)
        self._opened = []

    def started(self) -> None:
        """The child has its streams: close them here, or their ends would never be seen."""
        close_all(sorted(self._given))
        if self.terminal is not None:
            self.terminal.start()
        self._opened = []

    def release(self) -> list[int]:
        """The host is done; returns the pipes that have to be drained for what still writes."""
        stdout, stderr, *spare = self.ends
        close_all(spare)
        if self.input is not None:
            self.input.end("The command has ended.")
        if self.terminal is not None:
            self.terminal.end()
        return [stdout, stderr]

    def _plain(self, out: tuple[int, int], err: tuple[int, int], stdin: bool) -> None:
        for end in (out[0], err[0], self.ends[2], self.ends[4]):
            _enlarge(end)
        source = -1
        if stdin:
            source, sink = self._pipe()
            self.input = StandardInput(sink, self.ready)
        self.child = (source, out[1], err[1])
        self._given = {end for end in self.child if end >= 0}

    def _terminal(self, out: tuple[int, int], err: tuple[int, int], size: dict) -> None:
        # Its pipes stay small: what lies in them is what Ctrl-C cannot take back.
        try:
            master, slave = os.openpty()
        except PermissionError:
            raise Refused("no_terminal", NO_TERMINAL) from None
        writing = os.dup(master)  # one registration for each direction
        self._opened += [master, slave, writing]
        set_size(master, size.get("cols"), size.get("rows"))
        self.terminal = Terminal(master, out[1], self.ready)
        self.input = StandardInput(writing, self.ready)
        self.child = (slave, slave, slave)
        self._given = {slave, err[1]}

    def _pipe(self) -> tuple[int, int]:
        read, write = os.pipe2(os.O_CLOEXEC)
        self._opened += [read, write]
        return read, write


def of_request(ready: Ready, request: dict) -> Streams:
    """The streams that an `exec` request asks for; raises Refused."""
    terminal = request.get("terminal")
    if terminal is not None and not isinstance(terminal, dict):
        raise Refused("invalid", "terminal must be a size.")
    return Streams(ready, stdin=request.get("stdin") is True, terminal=terminal)


def discard(ready: Ready, pipe: int) -> None:
    """Read from here on what is written to a pipe, for nobody, and close it at its end."""

    def read() -> None:
        try:
            if os.read(pipe, DISCARD_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        ready.unregister(pipe)
        os.close(pipe)

    ready.register(pipe, READ, read)


def _enlarge(pipe: int) -> None:
    try:
        fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), PIPE_BYTES)
    except OSError:  # the user's share is used up: the kernel's own size does
        pass

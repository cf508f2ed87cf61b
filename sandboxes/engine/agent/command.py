"""One command as the agent knows it: its first process, its streams, how it ended."""

from __future__ import annotations

import os
import time

from .bare import signal
from .channel import Connection
from .refusal import Refused
from .standard_input import UNAVAILABLE, StandardInput
from .streams import Streams
from .terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .ending import Ending

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# A program that ends this soon after one of these has ended because of it, whatever its exit code.
OBEYING_SECONDS = 10.0


class Command:
    """One started command. It is kept until the host has released it and nothing of it runs."""

    def __init__(
        self, name: str, pid: int, mark: int, note: str, streams: Streams, report: int
    ) -> None:
        self.name = name
        self.pid = pid
        self.mark = mark
        self.note = note
        self.started = time.monotonic()
        self.streams = streams
        self.report = report
        self.deadline = 0.0
        self.grace = 0.0  # seconds from the deadline to KILL
        self.limits_left = False  # the deadline is also for what it leaves behind
        self.timed_out = False
        self.requested = False  # the host wanted its end
        self.failed = False  # the program could not be started, as far as was known at once
        self.released = False
        self.signals: dict[int, float] = {}  # that the host has sent, and when
        self.ending: Ending | None = None
        self.result: dict | None = None  # how its first process has ended
        self.exit: dict | None = None  # the same, once it has been told
        self.left = 0  # processes that it has left running
        self.watchers: list[Connection] = []

    @property
    def next(self) -> float:
        """Monotonic time of what is to be done with it; infinity when nothing is."""
        if self.ending is not None:
            return self.ending.next
        return self.deadline or float("inf")

    def describe(self) -> dict:
        return {
            "command": self.name,
            "pid": self.pid,
            "running": self.exit is None,
            "note": self.note,
            "age": round(time.monotonic() - self.started, 3),
            "exit": self.exit,
        }

    def signal_group(self, number: int) -> None:
        """As a terminal does with the keys for INT and QUIT."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            # Not in its own group yet (just forked), or gone: then the process itself, if it runs.
            if self.result is None:
                try:
                    os.kill(self.pid, number)
                except OSError:
                    pass

    def obeyed(self, number: int | None) -> bool:
        """Whether its first process, ended by signal `number` or by itself, has done so because
        of a signal from the host."""
        if number in self.signals:
            return True
        latest = max((self.signals.get(one, 0.0) for one in ENDING_SIGNALS), default=0.0)
        return bool(latest) and time.monotonic() - latest < OBEYING_SECONDS

    def standard_input(self) -> StandardInput:
        """Raises Refused when it has none that could be written to."""
        if self.exit is not None:
            raise Refused("not_found", "The command has ended.")
        if self.streams.input is None:
            raise Refused(UNAVAILABLE, "The command was started without a standard input.")
        return self.streams.input

    def terminal(self) -> Terminal:
        if self.streams.terminal is None:
            raise Refused("invalid", "The command has no terminal.")
        return self.streams.terminal

    def watch(self, connection: Connection) -> None:
        self.watchers.append(connection)
        if self.exit is not None:
            self.tell()

    def tell(self) -> None:
        """Say how it has ended to all who wait for that."""
        for watcher in self.watchers:
            watcher.send({"event": "exit", "exit": self.exit})
        self.watchers.clear()

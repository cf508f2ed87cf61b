"""What the supervisor is told of one process."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vibe.up.spawning import Program

Ready = Callable[[], Awaitable[bool]]
# To send in turn, each with the seconds to wait for the end.
Signals = Sequence[tuple[signal.Signals, float]]


@dataclass(frozen=True)
class Service:
    """A process to keep running.

    ready: polled until true before the next stage starts; None means at once.
    ready_within: seconds until a start without `ready` counts as failed.
    hidden: a line that holds one of these texts is not passed on.
    stop: the signals that end it; what they do not end gets SIGKILL.
    """

    name: str
    program: Program
    ready: Ready | None = None
    ready_within: float = 30.0
    hidden: Sequence[str] = ()
    stop: Signals = ((signal.SIGTERM, 3.0),)


class StartFailed(Exception):
    """A service did not start: its name, why, and the last lines it wrote."""

    def __init__(self, name: str, why: str, tail: Sequence[str]) -> None:
        super().__init__(f"{name} {why}")
        self.name = name
        self.why = why
        self.tail = list(tail)

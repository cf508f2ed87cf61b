"""Ending everything that a command has started: TERM, a grace, then KILL until nothing is left."""

from __future__ import annotations

import time

from . import processes
from .bare import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = 5.0  # seconds between TERM and KILL
HANG_UP_SECONDS = 1.0  # between HUP, which shells and editors obey in good order, and TERM
KILL_SECONDS = 10.0  # what lives after that waits in the kernel, where no signal comes through
SHORTEST, LONGEST = 0.004, 0.1  # seconds between two looks whether something is left


class Ending:
    """One that is under way. The loop looks at it at `next`, monotonic, and never waits for it."""

    def __init__(self, find: Callable[[], list[int]], grace: float, *, hang_up: bool) -> None:
        """`find` gives what is still to be ended, parents first: a shell must not be told after
        its program, or it would go on with the next one. `hang_up`: a terminal is closed, whose
        shell ignores TERM."""
        now = time.monotonic()
        self.left = 0
        self.next = now
        self._find = find
        self._kill_at = now + grace
        self._term_at = now + HANG_UP_SECONDS if hang_up else float("inf")
        self._pause = SHORTEST
        self._give_up_at = 0.0
        if grace > 0:
            try:
                processes.send(find(), signal.SIGHUP if hang_up else signal.SIGTERM)
            except OSError:  # no descriptor to look with; there will be one for KILL
                pass

    def no_later_than(self, grace: float) -> None:
        """Somebody else wants it ended, and perhaps sooner."""
        self._kill_at = min(self._kill_at, time.monotonic() + grace)
        self.next = min(self.next, self._kill_at)

    def hurry(self) -> None:
        """Something has ended: look soon."""
        self.next = min(self.next, time.monotonic() + SHORTEST)

    def look(self, now: float) -> bool:
        """Do what is due; True once nothing is left, or what is left cannot be ended.

        Raises OSError when it cannot look.
        """
        if now < self.next:
            return False
        self.left = len(self._find())
        if not self.left or (self._give_up_at and now >= self._give_up_at):
            self.next = now + SHORTEST
            return True
        self.next = now + self._pause
        if now < self._kill_at:
            self.next = min(self.next, self._kill_at)
            if now >= self._term_at:
                self._term_at = float("inf")
                processes.send(self._find(), signal.SIGTERM)
        else:
            if not self._give_up_at:
                self._give_up_at = now + KILL_SECONDS
                self._pause = SHORTEST
            processes.kill_found(self._find)
        self._pause = min(2 * self._pause, LONGEST)
        return False

"""How long output is collected before it goes on: longer while this process has much to do.

Each piece that goes on costs the same, however small it is. A thousand commands that print a line
every tenth of a second would take a whole processor with a window that nobody's eye can tell from
none; with pieces of two lines they take half of it, and everything else here stays quick.
"""

from __future__ import annotations

import time
from collections.abc import Callable

# The first bytes after a pause go out at once, what follows is collected this long.
WINDOW_SECONDS = 0.025
LONGEST_SECONDS = 0.2
# Above this share of a processor the window doubles, below that one it halves again.
BUSY, CALM = 0.5, 0.2
LOOK_SECONDS = 1.0


class Pace:
    """`window` is the time in seconds; `look` may change it, once a second.

    `spent` gives the processor time of this process in seconds.
    """

    def __init__(self, spent: Callable[[], float] = time.process_time) -> None:
        self.window = WINDOW_SECONDS
        self._spent = spent
        self._before = (0.0, spent())

    def look(self, now: float) -> None:
        """Called for each piece with the time of a clock in seconds."""
        since, spent_before = self._before
        if now < since + LOOK_SECONDS:
            return
        spent = self._spent()
        share = (spent - spent_before) / (now - since)
        if share > BUSY:
            self.window = min(2 * self.window, LONGEST_SECONDS)
        elif share < CALM:
            self.window = max(self.window / 2, WINDOW_SECONDS)
        self._before = (now, spent)

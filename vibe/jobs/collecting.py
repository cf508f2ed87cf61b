"""How often Python's collector looks through what a worker holds."""

from __future__ import annotations

import gc

# New objects before the collector looks through the youngest, and how often it takes older ones
# along (Python's own: 700, 10, 10).
COLLECTED_AFTER = (20_000, 20, 20)


def spare_collector() -> None:
    """What is loaded now stays. With a thousand jobs the collector would look through all that they
    hold several times a second: a quarter of the process's time."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)

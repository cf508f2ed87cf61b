"""Which ports of a sandbox somebody outside may be led to: the one rule for every road."""

from __future__ import annotations

FIRST, LAST = 1024, 65535
# Where a sandbox's way out listens, which is never a way in.
WAY_OUT = 3128
IN_WORDS = f"ports from {FIRST} to {LAST}, not {WAY_OUT}"


def is_usable(port: int) -> bool:
    return FIRST <= port <= LAST and port != WAY_OUT

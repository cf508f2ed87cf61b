"""Token counts, which some servers leave out, send as null or as text."""

from __future__ import annotations

from math import isfinite
from typing import Any

# No request has more; a row could not hold any number.
MOST = 100_000_000


def counts(usage: Any, *wanted: str) -> dict[str, Any]:
    """The whole numbers of a usage report and of its details, such as what came from a cache; those
    `wanted` are there in any case."""
    given = usage if isinstance(usage, dict) else {}
    return {**dict.fromkeys(wanted, 0), **_whole(given), **_details(given)}


def _details(given: dict[str, Any]) -> dict[str, dict[str, int]]:
    """One floor deep: no format goes deeper."""
    return {key: _whole(value) for key, value in given.items() if isinstance(value, dict)}


def _whole(given: dict[str, Any]) -> dict[str, int]:
    return {
        key: min(max(0, int(value)), MOST)
        for key, value in given.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    }

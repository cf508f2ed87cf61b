"""Token counts, which some servers leave out, send as null or as text."""

from __future__ import annotations

from typing import Any


def counts(usage: Any, *wanted: str) -> dict[str, int]:
    """The whole numbers of a usage report; those `wanted` are there in any case."""
    given = usage if isinstance(usage, dict) else {}
    found = {
        key: max(0, int(value))
        for key, value in given.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {**dict.fromkeys(wanted, 0), **found}

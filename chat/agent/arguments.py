"""Arguments of a tool call as cards show them: bounded, and readable while still being written."""

from __future__ import annotations

from typing import Any

import pydantic_core

CONTENT_LIMIT = 200_000
DRAFT_LIMIT = 2_000


def draft(text: str) -> dict[str, Any]:
    """What incomplete JSON says so far; long texts (file contents) cut. {} when unreadable."""
    try:
        found = pydantic_core.from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return {}
    return _bounded(found, DRAFT_LIMIT) if isinstance(found, dict) else {}


def kept(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments for the row of the call; texts above CONTENT_LIMIT cut with a note."""
    bounded = _bounded(arguments, CONTENT_LIMIT)
    return bounded if isinstance(bounded, dict) else {}


def _bounded(value: Any, limit: int) -> Any:
    match value:
        case str():
            if len(value) <= limit:
                return value
            return f"{value[:limit]}\n… {len(value) - limit:,} more characters"
        case dict():
            return {str(key): _bounded(item, limit) for key, item in value.items()}
        case list():
            return [_bounded(item, limit) for item in value]
        case _:
            return value

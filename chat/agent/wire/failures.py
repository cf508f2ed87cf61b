"""A provider's own report of a failure, in whatever shape it comes."""

from __future__ import annotations

from typing import Any

from chat.providers.words import sentence

# Type of a report that is none: text or a web page where an answer was expected.
UNREADABLE = "unreadable"


def is_report(data: Any) -> bool:
    """Whether the data of an event (or of a whole answer) tells of a failure."""
    if not isinstance(data, dict):
        return False
    if data.get("error") or data.get("type") == "error" or data.get("object") == "error":
        return True
    speaks = {"choices", "content", "type", "usage", "delta"} & data.keys()
    told_at = (data.get(key) for key in ("detail", "errors", "message", "msg"))
    return not speaks and any(isinstance(found, str | list) and found for found in told_at)


def told(body: Any) -> dict[str, Any]:
    """{"message", "type", "code"} of a report."""
    inner = body.get("error") if isinstance(body, dict) else None
    source = inner if isinstance(inner, dict) else body if isinstance(body, dict) else {}
    kind = source.get("type")
    code = source.get("code")
    if isinstance(body, str):
        kind = UNREADABLE
    return {
        "message": sentence(body) or "It gave no reason.",
        "type": kind if isinstance(kind, str) and kind != "error" else None,
        "code": code if isinstance(code, str | int) else None,
    }

"""A provider's own report of a failure, in whatever shape it comes."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

_INVISIBLE = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_KEYS = ("message", "msg", "detail", "error_description", "description", "title", "error", "errors")
READ_CHARACTERS = 20_000
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


def sentence(body: Any) -> str:
    """The provider's own words; "" when there are none."""
    match body:
        case str():
            return _plain(body[:READ_CHARACTERS])
        case list():
            return next(filter(None, map(sentence, body[:3])), "")
        case dict():
            found = (sentence(body[key]) for key in _KEYS if body.get(key))
            return next(filter(None, found), "")
        case _:
            return ""


def _plain(text: str) -> str:
    """Of a web page, as proxies send them, the words that a person would see."""
    if _PAGE.match(text):
        text = unescape(_INVISIBLE.sub(" ", text))
    return " ".join(text.split())

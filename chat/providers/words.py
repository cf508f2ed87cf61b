"""A provider's own words about a failure, in whatever shape they come, without secrets."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from vibe import redaction

READ_CHARACTERS = 20_000
SHOWN_CHARACTERS = 300
_INVISIBLE = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_KEYS = ("message", "msg", "detail", "error_description", "description", "title", "error", "errors")
# Whatever looks like a key, a token or a password in an address.
_SECRET = re.compile(
    r"\b(?:sk|pk|key|rk|gsk|xai|hf|ghp|AIza)[-_]?[\w*-]{12,}|\b(?:sk|key|pk)-[\w*-]{6,}"
    r"|(?<=Bearer )\S+|(?<=://)[^/\s@]+@|\beyJ[\w-]{10,}\.[\w.-]+|\b(?=\w*\d)[A-Za-z0-9_]{40,}"
)


def sentence(body: Any) -> str:
    """The words of an answer's body; "" when there are none."""
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


def without_secrets(words: str) -> str:
    """The words without the keys that this process knows, and what looks like one."""
    return _SECRET.sub("…", redaction.without_known(words))


def said_by(body: Any) -> str:
    """The words as people may see them: short, and without secrets."""
    words = without_secrets(sentence(body))
    return words if len(words) <= SHOWN_CHARACTERS else f"{words[:SHOWN_CHARACTERS]}…"


def _plain(text: str) -> str:
    """Of a web page, as proxies send them, the words that a person would see."""
    if _PAGE.match(text):
        text = unescape(_INVISIBLE.sub(" ", text))
    return " ".join(text.split())

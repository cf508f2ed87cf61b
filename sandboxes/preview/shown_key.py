"""The API key that a program shows at a preview, which the app behind never sees.

In a header of its own, because `Authorization` is the app's. There it is taken too, but only where
it holds a key of this platform: whatever else stands there is passed on as it came.
"""

from __future__ import annotations

import re

from sandboxes.preview.headers import KEY_HEADER, Headers
from vibe.accounts.services import api_keys, rights, sandbox_tokens
from vibe.accounts.services.rights import Right

SCOPES = ("read", "run")
_BEARER = re.compile(rb"bearer +(\S+) *", re.IGNORECASE)


def taken(headers: Headers) -> tuple[str, Headers]:
    """The key that is shown, else nothing; and the headers without it."""
    key, kept = "", []
    for name, value in headers:
        if name.replace(b"_", b"-") == KEY_HEADER:
            key = value.decode("latin-1").strip()
        elif name == b"authorization" and (ours := _of_ours(value)):
            key = key or ours
        else:
            kept.append((name, value))
    return key, kept


def right_of(key: str) -> Right | None:
    """What the key lets its user do here; None when it does not work, or not for looking."""
    if sandbox_tokens.looks_like_one(key):
        found = sandbox_tokens.authenticate(key)
        row, until = found if found else (None, None)
    else:
        row, until = api_keys.authenticate(key), None
    if row is None or (row.scopes and not set(SCOPES).intersection(row.scopes)):
        return None
    return rights.of_key(row, SCOPES, until)


def _of_ours(value: bytes) -> str:
    found = _BEARER.fullmatch(value.strip())
    word = found[1].decode("latin-1") if found else ""
    ours = api_keys.has_the_form(word) or sandbox_tokens.is_ours(word)
    return word if ours else ""

"""May this request enter? One question, asked once for every request, before anything else.

Nothing of a preview is said to who may not enter: not what runs, nor whether it does. What is known
of a cookie or a key is known for a second, as what is known of a sandbox is.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import cast

from asgiref.typing import HTTPScope, WebSocketScope

from sandboxes.preview import entry_cookies, refusals, shown_key
from sandboxes.preview.access import FRESH_FOR, REMEMBERED, Access
from sandboxes.preview.headers import Headers
from sandboxes.preview.host import Target
from sandboxes.preview.reasons import Reason
from sandboxes.services import preview_access, preview_rules
from sandboxes.services.preview_access import Entry
from vibe.accounts.services.rights import Held, Right
from vibe.data.database import in_thread
from vibe.web.browsers import is_program


@dataclass(frozen=True)
class Allow:
    """It may, and its connection rests on `held`. headers: what of it may be seen behind.
    is_shared: whatever is answered, everybody may have. is_owner: whom the sandbox
    belongs to, in a browser."""

    held: Held
    headers: Headers
    is_shared: bool
    is_owner: bool = False


@dataclass(frozen=True)
class Exchange:
    """A page is opened by somebody unknown: the platform knows whether he may enter."""


@dataclass(frozen=True)
class Warn:
    """A page is opened for the first time in this browser, of an app that anybody may have made."""


@dataclass(frozen=True)
class Refuse:
    reason: Reason


Answer = Allow | Exchange | Warn | Refuse
Scope = HTTPScope | WebSocketScope
_entries: OrderedDict[tuple[str, int, str, str], tuple[float, Entry | Refuse | None]] = (
    OrderedDict()
)


async def decide(scope: Scope, headers: Headers, known: Access, target: Target) -> Answer:
    """headers: those of the request that count, without cookies that another page brought along."""
    rule = known.rule(target.port)
    key, passed = shown_key.taken(headers)
    found: Entry | Refuse | None = None
    if key:
        found = await _remembered("key", key, known, target)
    elif word := entry_cookies.value(scope, headers, entry_cookies.ENTRY):
        found = await _remembered("cookie", word, known, target)
    if isinstance(found, Refuse):
        return found
    if found is None and rule.is_open:
        subject = preview_rules.subject(known.sandbox_id, target.port, "open")
        found = Entry((Right(known.owner_id), subject), "open")
    if found is None:
        return Exchange() if opens_a_page(scope) else Refuse(refusals.PRIVATE)
    if found.way in ("open", "link") and _is_first_visit(scope, target):
        return Warn()
    return Allow(found.held, passed, rule.is_open, is_owner=found.way == "own" and not key)


def at_once(headers: Headers, known: Access, target: Target) -> Allow | None:
    """As `decide`, for a request over plain HTTP that opens no page and shows no key, from what is
    remembered; None where `decide` has to be asked."""
    scope = cast(HTTPScope, {"type": "http", "scheme": "http", "headers": headers})
    rule = known.rule(target.port)
    if word := entry_cookies.value(scope, headers, entry_cookies.ENTRY):
        at, found = _entries.get((target.sandbox_id, target.port, "cookie", word), (0.0, None))
        if time.monotonic() - at >= FRESH_FOR or not isinstance(found, Entry):
            return None
        return Allow(found.held, headers, rule.is_open)
    if not rule.is_open:
        return None
    subject = preview_rules.subject(known.sandbox_id, target.port, "open")
    return Allow((Right(known.owner_id), subject), headers, is_shared=True)


def opens_a_page(scope: Scope) -> bool:
    """Whether somebody opens a page, in a tab or a frame, and can be led elsewhere first."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    said = dict(scope["headers"])
    if b"sec-fetch-mode" in said:
        into = said.get(b"sec-fetch-dest")
        return said[b"sec-fetch-mode"] == b"navigate" and into in (b"document", b"iframe", b"frame")
    return _looks_like_a_page(said)


def _looks_like_a_page(said: dict[bytes, bytes]) -> bool:
    """Over plain HTTP to another machine browsers do not say what they ask for."""
    return not is_program(said) and b"text/html" in said.get(b"accept", b"").lower()


def _is_first_visit(scope: Scope, target: Target) -> bool:
    """Whether this is a page in a tab of a browser that has not been told yet whose app it is."""
    said = dict(scope["headers"])
    if scope["type"] != "http" or said.get(b"sec-fetch-dest", b"document") != b"document":
        return False
    if b"sec-fetch-mode" not in said and not _looks_like_a_page(said):
        return False
    if said.get(b"sec-fetch-mode", b"navigate") != b"navigate":
        return False
    # It says what a person has read, whichever page has brought him here.
    mark = entry_cookies.value(scope, list(scope["headers"]), entry_cookies.SEEN)
    return not refusals.is_mark(mark, target)


async def _remembered(kind: str, word: str, known: Access, target: Target) -> Entry | Refuse | None:
    """Who shows that; a second old at most."""
    which = (target.sandbox_id, target.port, kind, word)
    remembered = _entries.get(which)
    if remembered is not None and time.monotonic() - remembered[0] < FRESH_FOR:
        return remembered[1]
    found = await in_thread(_by_cookie if kind == "cookie" else _by_key, word, known, target)
    _entries[which] = (time.monotonic(), found)
    _entries.move_to_end(which)
    while len(_entries) > REMEMBERED:
        _entries.popitem(last=False)
    return found


def _by_cookie(word: str, known: Access, target: Target) -> Entry | None:
    return preview_access.entry_of(known.sandbox_id, target.port, word)


def _by_key(key: str, known: Access, target: Target) -> Entry | Refuse:
    right = shown_key.right_of(key)
    if right is None:
        return Refuse(refusals.WRONG_KEY)
    rule = known.rule(target.port)
    found = preview_access.entry_by(known.sandbox_id, target.port, known.owner_id, rule, right)
    return found or Refuse(refusals.OTHER_KEY)

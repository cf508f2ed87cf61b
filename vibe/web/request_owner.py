"""Whose request it is, before anybody has checked it: for shares, never for access.

What a credential turned out to be is remembered, so that a user with many keys and sessions has
one share. A credential that has never passed the check counts by its address.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.http import HttpRequest

from vibe.accounts.models import User
from vibe.shares import owner

REMEMBERED = 10_000
Headers = Iterable[tuple[bytes, bytes]]


class RequestOwners:
    """What this process has learnt of credentials; of each only a digest is kept."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def of(self, headers: Headers, address: str) -> str:
        """The account of a request that shows these headers."""
        shown = credential(headers)
        if shown is not None and (found := self._known.get(shown)) is not None:
            self._known.move_to_end(shown)
            return found
        return owner.of_address(address)

    def learn(self, headers: Headers, request: HttpRequest) -> None:
        """Remember who the request's credential was found to be, if anybody looked."""
        user = request.__dict__.get("_cached_user") or request.__dict__.get("user")
        # A lazy user would be looked up only now.
        if type(user) is not User or (shown := credential(headers)) is None:
            return
        self._known[shown] = owner.of_user(user.pk)
        self._known.move_to_end(shown)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def credential(headers: Headers) -> bytes | None:
    """A digest of what the headers show: a bearer's key, else a session."""
    cookies = b""
    for name, value in headers:
        if name == b"authorization":
            return sha256(value).digest()
        if name == b"cookie":
            cookies = value
    session = _session(cookies)
    return sha256(session.encode()).digest() if session else None


def _session(cookies: bytes) -> str:
    name = settings.SESSION_COOKIE_NAME
    if name.encode() not in cookies:
        return ""
    try:
        found = SimpleCookie(cookies.decode("latin-1")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""

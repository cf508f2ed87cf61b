"""Who calls: a program with an API key, or a page of the browser with its session."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys, rights
from vibe.accounts.services.rights import Right
from vibe.api import rate_limit
from vibe.refusal import Refusal

SAFE = ("GET", "HEAD", "OPTIONS")


class ApiKeyBearer(HttpBearer):
    """`Authorization: Bearer vibe_…`; a key with scopes does only what they name."""

    openapi_description = "An API key: `Authorization: Bearer vibe_…`"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        found = self.look_up(token.strip())
        if found is None:
            # Raised and not None: a wrong key must not fall through to a session.
            raise Refusal(
                "This API key does not work: it is wrong, revoked or expired, or its user is"
                " switched off.",
                "Make another: python3 manage.py create_api_key USERNAME",
                "unauthorized",
            )
        key, until = found
        allowed = {self.scope, "read"} if request.method in SAFE else {self.scope}
        _admit(request, rights.of_key(key, allowed, until))
        if key.scopes and not allowed.intersection(key.scopes):
            raise Refusal(
                f"This API key may not do that; its scopes are {', '.join(key.scopes)}.",
                f"Use a key with the scope {' or '.join(sorted(allowed))}.",
                "denied",
            )
        request.user = key.user
        return key

    def look_up(self, token: str) -> tuple[ApiKey, datetime | None] | None:
        """The live key that the token stands for, and when the token ends before the key does."""
        key = api_keys.authenticate(token)
        return None if key is None else (key, None)


class BrowserSession(SessionAuth):
    """The session cookie of the pages, with their CSRF token on what changes something."""

    openapi_description = "The session of a signed-in browser; needs `X-CSRFToken` to write."

    def __call__(self, request: HttpRequest) -> Any | None:
        # Before the CSRF check, so that a caller without a session hears 401 and not 403.
        if not request.user.is_authenticated:
            return None
        _admit(request, rights.of_session(caller(request), request.session))
        if check_csrf(request) is not None:
            raise Refusal(
                "The CSRF token is missing or wrong.",
                "Send the page's token in the header X-CSRFToken, or use an API key.",
                "denied",
            )
        return request.user


def _admit(request: HttpRequest, right: Right) -> None:
    """Remember who calls, and count the request."""
    cast(Any, request).right = right
    rate_limit.count(request, right)


def right_of(request: HttpRequest) -> Right:
    """What the request was let in by."""
    right = rights.of_request(request)
    if right is None:
        raise Refusal("Nobody is signed in.", "Send an API key.", "unauthorized")
    return right


def key_of(request: HttpRequest) -> ApiKey | None:
    """The API key that the request came with; None for a browser's session."""
    shown = getattr(request, "auth", None)
    return shown if isinstance(shown, ApiKey) else None


def access(scope: str) -> list[Any]:
    """The ways in to endpoints that ask for `scope`."""
    return [ApiKeyBearer(scope), BrowserSession()]


def caller(request: HttpRequest) -> User:
    """The user whose things this request is about."""
    if not isinstance(request.user, User):
        raise Refusal("Nobody is signed in.", "Send an API key.", "unauthorized")
    return request.user

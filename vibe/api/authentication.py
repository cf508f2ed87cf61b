"""Who calls: a program with an API key, or a page of the browser with its session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys
from vibe.refusal import Refusal

SAFE = ("GET", "HEAD", "OPTIONS")


class ApiKeyBearer(HttpBearer):
    """`Authorization: Bearer vibe_…`; a key with scopes does only what they name."""

    openapi_description = "An API key: `Authorization: Bearer vibe_…`"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = api_keys.authenticate(token.strip())
        if key is None:
            # Raised and not None: a wrong key must not fall through to a session.
            raise Refusal(
                "This API key does not work: it is wrong, revoked or expired, or its user is"
                " switched off.",
                "Make another: python3 manage.py create_api_key USERNAME",
                "unauthorized",
            )
        allowed = {self.scope, "read"} if request.method in SAFE else {self.scope}
        if key.scopes and not allowed.intersection(key.scopes):
            raise Refusal(
                f"This API key may not do that; its scopes are {', '.join(key.scopes)}.",
                f"Use a key with the scope {' or '.join(sorted(allowed))}.",
                "denied",
            )
        request.user = key.user
        return key


class BrowserSession(SessionAuth):
    """The session cookie of the pages, with their CSRF token on what changes something."""

    openapi_description = "The session of a signed-in browser; needs `X-CSRFToken` to write."

    def __call__(self, request: HttpRequest) -> Any | None:
        # Before the CSRF check, so that a caller without a session hears 401 and not 403.
        if not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise Refusal(
                "The CSRF token is missing or wrong.",
                "Send the page's token in the header X-CSRFToken, or use an API key.",
                "denied",
            )
        return request.user


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

"""Who a request claims to be, before anybody has checked it."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest


def digest(request: HttpRequest) -> str:
    """A name for the credential that the request shows: its key, its session, or its address."""
    shown = (
        request.headers.get("Authorization")
        or request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        or f"address {request.META.get('REMOTE_ADDR', '')}"
    )
    return sha256(shown.encode("utf-8", "surrogateescape")).hexdigest()

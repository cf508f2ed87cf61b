"""Who calls, and the rules that session-level calls share."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode

from django.http import HttpRequest

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import history
from sandboxes.vercel.errors import ProtocolError
from vibe.accounts.models import ApiKey
from vibe.api.authentication import ApiKeyBearer as NativeBearer
from vibe.api.authentication import caller

__all__ = ["ApiKeyBearer", "caller", "running", "session_of"]


MAX_TOKEN = 4096


class ApiKeyBearer(NativeBearer):
    """An API key, plain or within a token of the shape that the clients insist on."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        return super().authenticate(request, _key_in(token.strip()))


def _key_in(token: str) -> str:
    """The API key that `env vercel` wrapped; any other token is taken as it is."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_TOKEN:
        return token
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return token
    key = claims.get("vibe_key") if isinstance(claims, dict) else None
    return key if isinstance(key, str) else token


def session_of(request: HttpRequest, session_id: str) -> SandboxSession:
    return history.session_for(caller(request), session_id)


def running(request: HttpRequest, session_id: str) -> tuple[Sandbox, SandboxSession]:
    """The sandbox and its session, which runs; else the error that has clients resume it."""
    session = session_of(request, session_id)
    match session.status:
        case SandboxSession.Status.RUNNING | SandboxSession.Status.PENDING:
            return session.sandbox, session
        case SandboxSession.Status.STOPPING:
            raise ProtocolError(422, "sandbox_stopping", "The sandbox is stopping.")
    raise ProtocolError(
        410,
        "sandbox_stopped",
        f"This session of the sandbox has ended: {session.why}. Resume the sandbox.",
    )

"""Who calls, and the rules that session-level calls share."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import history
from sandboxes.vercel.errors import ProtocolError
from vibe.accounts.models import ApiKey
from vibe.accounts.services import sandbox_tokens
from vibe.api.authentication import ApiKeyBearer as NativeBearer
from vibe.api.authentication import caller

__all__ = ["ApiKeyBearer", "caller", "running", "session_of"]


class ApiKeyBearer(NativeBearer):
    """An API key, or a token for sandbox work that was made from one."""

    def look_up(self, token: str) -> tuple[ApiKey, datetime | None] | None:
        if sandbox_tokens.looks_like_one(token):
            return sandbox_tokens.authenticate(token)
        return super().look_up(token)


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

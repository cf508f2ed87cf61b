"""Who calls, and the rules that session-level calls share."""

from __future__ import annotations

from django.http import HttpRequest

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import history
from sandboxes.vercel.errors import ProtocolError
from vibe.api.authentication import ApiKeyBearer, caller

__all__ = ["ApiKeyBearer", "caller", "project_of", "running", "session_of"]


def project_of(request: HttpRequest) -> str:
    """The project that the client names; ours are all of one user."""
    return (request.GET.get("projectId") or request.GET.get("project") or "")[:128]


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
    why = session.get_stop_reason_display() or session.get_status_display()
    raise ProtocolError(
        410, "sandbox_stopped", f"This session of the sandbox has ended: {why}. Resume the sandbox."
    )

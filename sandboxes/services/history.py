"""The sessions of sandboxes, those that have ended too, for whoever asks about them."""

from __future__ import annotations

from django.db.models import QuerySet

from sandboxes.models import Command, SandboxSession
from vibe.accounts.models import User
from vibe.refusal import Refusal


def sessions_for(user: User, *, name: str = "") -> QuerySet[SandboxSession]:
    """The sessions of the user's sandboxes, or of the one with that name."""
    rows = SandboxSession.objects.filter(
        sandbox__owner=user, sandbox__deleted_at=None
    ).select_related("sandbox", "sandbox__session")
    return rows.filter(sandbox__name=name) if name else rows


def session_for(user: User, session_id: str) -> SandboxSession:
    """The user's session by its id. Raises Refusal, code not_found."""
    session = sessions_for(user).filter(pk=session_id).first()
    if session is None:
        raise Refusal("There is no such session.", "List the sandbox's sessions.", code="not_found")
    return session


def command_of(session: SandboxSession, command_id: str) -> Command:
    """A command of the session by its id. Raises Refusal, code not_found."""
    command = Command.objects.filter(pk=command_id, session=session).first()
    if command is None:
        raise Refusal("There is no such command.", "List the session's commands.", code="not_found")
    return command


def commands_of(session: SandboxSession) -> QuerySet[Command]:
    """The session's commands, newest first."""
    return Command.objects.filter(session=session).order_by("-created_at", "-pk")

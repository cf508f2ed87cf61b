"""Words that let a program open one interactive terminal in a session."""

from __future__ import annotations

from sandboxes.models import SandboxSession
from vibe.accounts.models import User
from vibe.accounts.services import tickets

KIND = "interactive"
SECONDS = 300


def invite(session: SandboxSession, user: User) -> str:
    """A word that works once, within five minutes."""
    return tickets.give(KIND, session.pk, user, SECONDS)


def invited(word: str, session_id: str) -> SandboxSession | None:
    """The session that the word, which is then used up, was given out for, while it runs."""
    holder = tickets.redeem(KIND, session_id, word)
    if holder is None:
        return None
    rows = SandboxSession.objects.select_related("sandbox__owner")
    return rows.filter(
        pk=session_id,
        sandbox__owner=holder,
        sandbox__deleted_at=None,
        status=SandboxSession.Status.RUNNING,
    ).first()

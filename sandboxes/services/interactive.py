"""Words that let a program open one interactive terminal in a session."""

from __future__ import annotations

from sandboxes.models import SandboxSession
from vibe.accounts.services import tickets
from vibe.accounts.services.rights import Right

KIND = "interactive"
SECONDS = 300


def invite(session: SandboxSession, right: Right) -> str:
    """A word that works once, within five minutes, while `right` holds."""
    return tickets.give(KIND, session.pk, right, SECONDS)


def invited(word: str, session_id: str) -> tuple[SandboxSession, Right] | None:
    """The session that the word, which is then used up, was given out for, while it runs; and the
    right of who asked for the word."""
    redeemed = tickets.redeem(KIND, session_id, word)
    if redeemed is None:
        return None
    holder, right = redeemed
    rows = SandboxSession.objects.select_related("sandbox__owner")
    session = rows.filter(
        pk=session_id,
        sandbox__owner=holder,
        sandbox__deleted_at=None,
        status=SandboxSession.Status.RUNNING,
    ).first()
    return None if session is None else (session, right)

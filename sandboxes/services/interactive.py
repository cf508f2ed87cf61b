"""Words that let a program open one interactive terminal in a session."""

from __future__ import annotations

import secrets
from hashlib import sha256

from sandboxes.models import SandboxSession
from vibe.accounts.models import User
from vibe.streams.redis import sync_client

SECONDS = 300


def invite(session: SandboxSession, user: User) -> str:
    """A word that works once, within five minutes."""
    word = secrets.token_urlsafe(24)
    sync_client().set(_key(word), f"{session.pk} {user.pk}", ex=SECONDS)
    return word


def invited(word: str, session_id: str) -> SandboxSession | None:
    """The session that the word, which is then used up, was given out for, while it runs."""
    found = sync_client().getdel(_key(word))
    text = found.decode() if isinstance(found, bytes) else found or ""
    session, _, user = text.partition(" ")
    holder = User.objects.filter(pk=int(user or 0), is_active=True).first()
    if session != session_id or holder is None:
        return None
    rows = SandboxSession.objects.select_related("sandbox__owner")
    return rows.filter(
        pk=session_id,
        sandbox__owner=holder,
        sandbox__deleted_at=None,
        status=SandboxSession.Status.RUNNING,
    ).first()


def _key(word: str) -> str:
    return f"interactive:{sha256(word.encode()).hexdigest()}"

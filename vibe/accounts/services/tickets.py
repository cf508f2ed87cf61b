"""Words that let whoever holds one do one thing, once and soon, as the user who asked for it.

Of a word only a hash is kept, with what it is for.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

from vibe.accounts.models import User
from vibe.streams.redis import sync_client


def give(kind: str, subject: str, user: User, seconds: int) -> str:
    """A word for `subject`, which is of that kind; it is good for so many seconds."""
    word = secrets.token_urlsafe(24)
    sync_client().set(_key(kind, word), f"{subject} {user.pk}", ex=seconds)
    return word


def redeem(kind: str, subject: str, word: str) -> User | None:
    """Who was given that word, which is used up now; None unless it is for this subject."""
    found = sync_client().getdel(_key(kind, word))
    text = found.decode() if isinstance(found, bytes) else found or ""
    meant, _, user = text.partition(" ")
    if not user or meant != subject:
        return None
    return User.objects.filter(pk=user, is_active=True).first()


def _key(kind: str, word: str) -> str:
    return f"{kind}:{sha256(word.encode()).hexdigest()}"

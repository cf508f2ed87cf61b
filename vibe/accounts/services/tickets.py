"""Words that let whoever holds one do one thing, once and soon, as the user who asked for it.

Of a word only a hash is kept, with what it is for.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from hashlib import sha256

from vibe.accounts.models import User
from vibe.accounts.services import rights
from vibe.accounts.services.rights import Right, RightLost
from vibe.streams.redis import sync_client


def give(kind: str, subject: str, right: Right, seconds: int) -> str:
    """A word for `subject`, which is of that kind; it is good for so many seconds, and no longer
    than the right of who asks for it."""
    word = secrets.token_urlsafe(24)
    kept = {
        "subject": subject,
        "user": right.user,
        "key": right.key,
        "scopes": right.scopes,
        "until": right.until.isoformat() if right.until else None,
        "session": right.session,
        "session_hash": right.session_hash,
    }
    sync_client().set(_key(kind, word), json.dumps(kept), ex=seconds)
    return word


def redeem(kind: str, subject: str, word: str) -> tuple[User, Right] | None:
    """Who was given that word, which is used up now, and by which right; None unless it is for
    this subject and the right still holds."""
    found = sync_client().getdel(_key(kind, word))
    if not found:
        return None
    given_for, right = _understood(found)
    if given_for != subject:
        return None
    try:
        rights.check(right)
    except RightLost:
        return None
    return User.objects.get(pk=right.user), right


def read(kind: str, word: str, seconds: int) -> tuple[str, Right] | None:
    """What that word is for, and the right behind it, which is not looked at; None when there is
    no such word. It is good for so many seconds more."""
    found = sync_client().getex(_key(kind, word), ex=seconds)
    return _understood(found) if found else None


def _understood(found: bytes | str) -> tuple[str, Right]:
    kept = json.loads(found)
    subject, until = kept.pop("subject"), kept.pop("until")
    right = Right(
        **{**kept, "scopes": tuple(kept["scopes"])},
        until=datetime.fromisoformat(until) if until else None,
    )
    return subject, right


def _key(kind: str, word: str) -> str:
    return f"{kind}:{sha256(word.encode('utf-8', 'surrogatepass')).hexdigest()}"

"""API keys: made, recognised and revoked. A key is seen once, its digest is kept."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import kept
from vibe.data.prepared import Prepared
from vibe.refusal import Code, Refusal

PREFIX = "vibe_"
SECRET_LENGTH = 40
ALPHABET = string.ascii_letters + string.digits
SHOWN = len(PREFIX) + 6
MAX_KEYS = 100
USED_AT_GRAIN = timedelta(minutes=1)
_KEY = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{SECRET_LENGTH}}}")
# What a key may be limited to; "read" covers looking at all that the others may change.
SCOPES = {
    "read": "look at everything",
    "run": "start, stop and delete sandboxes and commands",
    "files": "write files",
    "chat": "converse",
    "admin": "make and revoke keys, set up webhooks and providers of models",
}
LONGEST_DAYS = 3650
KEPT = kept.register(
    kept.Kind(
        "keys",
        "API keys",
        lambda owner: ApiKey.objects.filter(user_id=owner, revoked_at=None),
        lambda: MAX_KEYS,
        "Revoke one that is not used.",
    )
)

_live_by_digest = Prepared(
    lambda digest: (
        ApiKey.objects.select_related("user")
        .filter(digest=digest, revoked_at=None, user__is_active=True)
        .order_by()
    )
)
_live_by_id = Prepared(
    lambda key: (
        ApiKey.objects.select_related("user")
        .filter(pk=key, revoked_at=None, user__is_active=True)
        .order_by()
    )
)


def _digest(key: str) -> str:
    # Keys carry 238 random bits, so that a fast digest is as safe as a slow one.
    return sha256(key.encode("ascii")).hexdigest()


def create(
    user: User,
    name: str = "",
    scopes: Iterable[str] = (),
    *,
    days: int | None = None,
    by: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for `user`; return its row and the key itself, which nobody can read again.

    scopes: what the key may be used for; none means all that its user may do. days: how long it
    works; None means until it is revoked. by: the key that asks for it, which cannot make one that
    may do more or works longer; without `days` the new one ends with it.
    Raises Refusal for a scope or name that cannot be kept, or when there are too many keys.
    """
    name = name.strip()
    scopes = sorted(set(scopes))
    if len(name) > 100:
        raise Refusal("The name of the key is too long.", "Use 100 characters at most.")
    for scope in scopes:
        if scope not in SCOPES:
            raise Refusal(f"{scope!r} is not a scope.", f"Scopes are {', '.join(SCOPES)}.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refusal(
            "A key cannot work for that long.", f"Choose 1 to {LONGEST_DAYS} days, or no end."
        )
    expires_at = None if days is None else timezone.now() + timedelta(days=days)
    if by is not None:
        expires_at = _within(by, scopes, expires_at)
    key = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    with transaction.atomic():
        KEPT.check(user.pk)
        row = ApiKey.objects.create(
            user=user,
            name=name,
            prefix=key[:SHOWN],
            digest=_digest(key),
            scopes=scopes,
            expires_at=expires_at,
        )
        _forget_revoked(user)
    return row, key


def _forget_revoked(user: User) -> None:
    """Who makes and revokes keys without end leaves no rows without end."""
    old = ApiKey.objects.filter(user=user).exclude(revoked_at=None).order_by("-revoked_at", "-pk")
    ApiKey.objects.filter(pk__in=list(old.values_list("pk", flat=True)[MAX_KEYS:])).delete()


def _within(by: ApiKey, scopes: list[str], expires_at: datetime | None) -> datetime | None:
    """When a key with these scopes ends that `by` makes; Refusal when that is more than `by`."""
    if by.scopes and not (scopes and set(scopes) <= set(by.scopes)):
        raise Refusal(
            "A key cannot make a key that may do more than itself.",
            f"Name scopes among {', '.join(by.scopes)}.",
            Code.DENIED,
        )
    if by.expires_at is None or expires_at is None:
        return expires_at or by.expires_at
    if expires_at > by.expires_at:
        raise Refusal(
            "A key cannot make a key that works longer than itself.",
            "Leave `days` out: it then ends with this one.",
            Code.DENIED,
        )
    return expires_at


def has_the_form(word: str) -> bool:
    """Whether it looks like a key of this platform, working or not."""
    return _KEY.fullmatch(word) is not None


def authenticate(key: str) -> ApiKey | None:
    """Return the live row of `key` with its user, or None for whatever is not a working key."""
    if not _KEY.fullmatch(key):
        return None
    return _used(_live_by_digest.first(_digest(key)))


def live(key_id: str) -> ApiKey | None:
    """The row of that id with its user, for whoever has proved to stand for it; None unless the
    key works."""
    return _used(_live_by_id.first(key_id))


def _used(row: ApiKey | None) -> ApiKey | None:
    if row is None or (row.expires_at is not None and row.expires_at <= timezone.now()):
        return None
    _remember_use(row)
    return row


def _remember_use(row: ApiKey) -> None:
    """Note the time of use, at most once a minute: a busy client must not write at each call."""
    now = timezone.now()
    if row.last_used_at is not None and now - row.last_used_at < USED_AT_GRAIN:
        return
    before = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_AT_GRAIN)
    ApiKey.objects.filter(before, pk=row.pk).update(last_used_at=now)
    row.last_used_at = now


def revoke(row: ApiKey) -> None:
    """End a key for good; ending it twice keeps the first time."""
    now = timezone.now()
    if ApiKey.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now):
        row.revoked_at = now


def list_for(user: User) -> QuerySet[ApiKey]:
    """The keys of `user` that are not revoked, newest first; some may have expired."""
    return ApiKey.objects.filter(user=user, revoked_at=None)


def get_for(user: User, key_id: str) -> ApiKey:
    """Return the user's own key row; Refusal when there is none of that id."""
    row = ApiKey.objects.filter(user=user, pk=key_id).first()
    if row is None:
        raise Refusal("There is no such API key.", "It may have been deleted.", Code.NOT_FOUND)
    return row

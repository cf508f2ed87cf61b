"""What an open connection rests on, and whether that still holds.

A request is checked when it comes. What stays open afterwards (a socket, a stream, a download) was
let in by a session or an API key, and for something of its user's; both can end meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from vibe.accounts.models import ApiKey, User
from vibe.refusal import Code, Refusal


@dataclass(frozen=True)
class Right:
    """Who was let in, and by what: an API key, a browser's session, or neither for a user alone.

    `scopes`: a limited key needs one of them. `until`: when a token made from the key ends.
    """

    user: int
    key: str = ""
    scopes: tuple[str, ...] = ()
    until: datetime | None = None
    session: str = ""
    session_hash: str = ""


@dataclass(frozen=True)
class Loss:
    """Why a right is no more; `close_code` is that of a WebSocket."""

    code: Code
    message: str
    hint: str
    close_code: int

    def refusal(self) -> Refusal:
        return Refusal(self.message, self.hint, self.code)


@dataclass(frozen=True)
class Subject:
    """What a connection is about. `owners` tells the owners of those that there still are, `loss`
    what to say of one that is no more."""

    id: str
    owners: Callable[[Collection[str]], Mapping[str, int]]
    loss: Loss | None = None


Held = tuple[Right | None, Subject | None]


class RightLost(Exception):
    """The right to what is under way has ended."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.message)
        self.loss = loss


SIGN_IN, NOT_FOUND, TRY_AGAIN = 4401, 4404, 1011
SIGNED_OUT = Loss(Code.UNAUTHORIZED, "You have been signed out.", "Sign in again.", SIGN_IN)
KEY_ENDED = Loss(
    Code.UNAUTHORIZED, "The API key was revoked or has expired.", "Use another key.", SIGN_IN
)
USER_OFF = Loss(Code.UNAUTHORIZED, "This user is switched off.", "Ask an administrator.", SIGN_IN)
DENIED = Loss(Code.DENIED, "The API key may no longer do that.", "Use another key.", SIGN_IN)
GONE = Loss(
    Code.NOT_FOUND, "It was deleted, or belongs to somebody else now.", "List yours.", NOT_FOUND
)
UNKNOWN = Loss(
    Code.UNAVAILABLE,
    "Whether this is still allowed cannot be checked: the database does not answer.",
    "Try again.",
    TRY_AGAIN,
)


def of_key(key: ApiKey, scopes: Collection[str], until: datetime | None = None) -> Right:
    """The right of whoever showed `key`, for an operation that asks for one of `scopes`."""
    return Right(key.user_id, key=key.pk, scopes=tuple(sorted(scopes)), until=until)


def of_session(user: User, session: Any) -> Right:
    """The right of a signed-in browser; `session` is None where there is none."""
    if session is None or not session.session_key:
        return Right(user.pk)
    return Right(
        user.pk, session=session.session_key, session_hash=session.get(HASH_SESSION_KEY, "")
    )


def of_request(request: HttpRequest) -> Right | None:
    """What the request was let in by; None for one of a stranger."""
    right = getattr(request, "right", None)
    if isinstance(right, Right):
        return right
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return of_session(user, getattr(request, "session", None))


def check(right: Right | None, subject: Subject | None = None) -> None:
    """Raises RightLost unless it holds now."""
    if loss := losses([(right, subject)]).get((right, subject)):
        raise RightLost(loss)


def losses(held: Collection[Held]) -> dict[Held, Loss]:
    """Which of them no longer hold, in one query for the users, keys, sessions and each kind of
    subject, however many are asked about."""
    of_rights = _Standing({right for right, _ in held if right is not None})
    owners = _owners({subject for _, subject in held if subject is not None})
    found: dict[Held, Loss] = {}
    for right, subject in held:
        loss = of_rights.loss(right) if right is not None else None
        if loss is None and subject is not None:
            owner = owners.get(subject)
            if owner is None or (right is not None and owner != right.user):
                loss = subject.loss or GONE
        if loss is not None:
            found[right, subject] = loss
    return found


class _Standing:
    """The users, keys and sessions of some rights, as they are now."""

    def __init__(self, rights: Collection[Right]) -> None:
        self._now = timezone.now()
        self._users = User.objects.only("password").filter(is_active=True).in_bulk(
            {right.user for right in rights}
        )  # fmt: skip
        keys = {right.key for right in rights} - {""}
        self._keys = ApiKey.objects.filter(revoked_at=None).in_bulk(keys) if keys else {}
        sessions = {right.session for right in rights} - {""}
        self._sessions = set(
            Session.objects.filter(session_key__in=sessions, expire_date__gt=self._now).values_list(
                "session_key", flat=True
            )
            if sessions
            else ()
        )

    def loss(self, right: Right) -> Loss | None:
        user = self._users.get(right.user)
        if user is None:
            return USER_OFF
        if right.until is not None and right.until <= self._now:
            return KEY_ENDED
        if right.key:
            return self._loss_of_key(right)
        if right.session and right.session not in self._sessions:
            return SIGNED_OUT
        if right.session_hash and not _fits(user, right.session_hash):
            return SIGNED_OUT
        return None

    def _loss_of_key(self, right: Right) -> Loss | None:
        key = self._keys.get(right.key)
        if key is None or (key.expires_at is not None and key.expires_at <= self._now):
            return KEY_ENDED
        if key.scopes and right.scopes and not set(key.scopes).intersection(right.scopes):
            return DENIED
        return None


def _fits(user: User, session_hash: str) -> bool:
    """Whether the session was made with the user's present password."""
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(session_hash, known) for known in hashes)


def _owners(subjects: Collection[Subject]) -> dict[Subject, int]:
    by_kind: dict[Callable[[Collection[str]], Mapping[str, int]], set[Subject]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.owners, set()).add(subject)
    found: dict[Subject, int] = {}
    for owners, some in by_kind.items():
        known = owners({subject.id for subject in some})
        found |= {subject: known[subject.id] for subject in some if subject.id in known}
    return found

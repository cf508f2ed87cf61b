"""Kinds of rows of which one user keeps only so many: counted where one is made, and shown.

A kind is one line of a table: what it is called, whose rows are counted, how many there may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from vibe.accounts.models import User
from vibe.refusal import Code, Refusal


@dataclass(frozen=True)
class Kind:
    """`label` in the plural, as people are told. `rows` of an owner's id; `most` as it is set now,
    0 for no limit; `hint` says what to do when it is reached."""

    name: str
    label: str
    rows: Callable[[int], QuerySet[Any]]
    most: Callable[[], int]
    hint: str

    def check(self, owner_id: int) -> None:
        """Raise Refusal when the owner may have no further one.

        To be called in the transaction that makes it: of two requests of one owner the second
        counts what the first has written.
        """
        take_turn(owner_id)
        most = self.most_for(owner_id)
        if most and self.rows(owner_id).order_by().count() >= most:
            raise Refusal(
                f"You have {most} {self.label}, which is the limit.", self.hint, Code.LIMIT
            )

    def most_for(self, owner_id: int) -> int:
        """How many this owner may have; 0: no limit."""
        return 0 if is_free(owner_id) else max(self.most(), 0)


# Every kind that has been registered, by name; each is where its rows are made.
KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make it part of what `quota_list` shows."""
    KINDS[kind.name] = kind
    return kind


def is_free(owner_id: int) -> bool:
    """Whether no quota holds for this user."""
    if not settings.ADMINISTRATORS_WITHOUT_QUOTAS:
        return False
    return User.objects.filter(pk=owner_id, is_superuser=True).exists()


def take_turn(owner_id: int) -> None:
    """Until the transaction ends, requests of this owner that count wait for each other.

    SQLite's transactions do so by themselves: they begin by taking the one writer's place.
    """
    assert connection.in_atomic_block
    if connection.features.has_select_for_update:
        turn = User.objects.order_by().filter(pk=owner_id).select_for_update(no_key=True)
        turn.values_list("pk").first()

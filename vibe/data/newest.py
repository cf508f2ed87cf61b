"""Tables that grow with what somebody does: of each owner only the newest rows stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, QuerySet

ROWS_A_STATEMENT = 500


def keep_newest(
    rows: QuerySet[Any],
    most: int,
    *,
    owner: str,
    by: str = "created_at",
    before: Callable[[list[Any]], object] = lambda _: None,
) -> int:
    """Delete the oldest `rows` of everybody who has more than `most` of them; how many went.

    `owner` is the field or path that says whose a row is, `by` the time that orders them. `before`
    hears of each handful that is about to go. In short transactions, so that nobody waits long.
    `most` 0: all stay.
    """
    if most <= 0:
        return 0
    deleted = 0
    counts = rows.order_by().values_list(owner).annotate(n=Count("pk")).filter(n__gt=most)
    for whose, count in list(counts):
        mine = rows.filter(**{owner: whose}).order_by(by, "pk")
        left = count - most
        while left > 0:
            found = list(mine.only("pk")[: min(left, ROWS_A_STATEMENT)])
            if not found:
                break
            before(found)
            rows.model._default_manager.filter(pk__in=[row.pk for row in found]).delete()
            deleted += len(found)
            left -= len(found)
    return deleted

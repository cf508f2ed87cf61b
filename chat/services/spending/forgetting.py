"""What is too old to be asked for: requests, and counters of periods that are over."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.conf import settings

from chat.models import ModelRequest, SpendingCounter
from chat.services.spending import caps

# Of days and months that are over, some are kept, for clocks and time zones that change.
COUNTER_DAYS = 62
BATCH = 1_000
_WHEN = re.compile(r":(\d{4})-(\d{2})(?:-(\d{2}))?$")


def forget() -> int:
    """Remove them; returns how many rows. Counters of all time stay."""
    gone = 0
    if settings.USAGE_DAYS > 0:
        until = caps.today() - timedelta(days=settings.USAGE_DAYS)
        old = ModelRequest.objects.filter(day__lt=until).order_by("day").values_list("pk")
        # In small steps: SQLite has one writer, and turns wait for it.
        while ids := [pk for (pk,) in old[:BATCH]]:
            gone += ModelRequest.objects.filter(pk__in=ids).delete()[0]
    past = caps.today() - timedelta(days=COUNTER_DAYS)
    for keys in _batches(past):
        gone += SpendingCounter.objects.filter(pk__in=keys).delete()[0]
    return gone


def _batches(past: date) -> list[list[str]]:
    keys = SpendingCounter.objects.filter(key__regex=r":\d{4}-\d{2}").values_list("key", flat=True)
    over = [key for key in keys.iterator() if _last_day(key) < past]
    return [over[at : at + BATCH] for at in range(0, len(over), BATCH)]


def _last_day(key: str) -> date:
    """Of the period that a counter is of; those of all time have none."""
    found = _WHEN.search(key)
    if found is None:
        return date.max
    year, month, day = found.groups()
    if day:
        return date(int(year), int(month), int(day))
    return date(int(year) + int(month) // 12, int(month) % 12 + 1, 1) - timedelta(days=1)

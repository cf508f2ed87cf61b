"""Attachments that go: those that nobody has sent, and bytes whose rows are gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from chat.models import Attachment
from chat.services.attaching import stored_files

UNSENT_KEPT = timedelta(days=1)
SWEPT_AT_ONCE = 1_000


def forget_unsent() -> int:
    """Delete what was not sent for a day, and the bytes whose rows are gone; how many went."""
    before = timezone.now() - UNSENT_KEPT
    unsent = Attachment.objects.filter(message=None, queued=None, created_at__lt=before)
    ids = list(unsent.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    # One that is being sent right now stays.
    Attachment.objects.filter(pk__in=ids, message=None, queued=None).delete()
    gone = 0
    waiting: list[str] = []
    for each in stored_files.older_than(UNSENT_KEPT.total_seconds()):
        waiting.append(each)
        if len(waiting) >= SWEPT_AT_ONCE:
            gone += _remove_without_rows(waiting)
            waiting = []
    return gone + _remove_without_rows(waiting)


def _remove_without_rows(ids: Sequence[str]) -> int:
    there = set(Attachment.objects.filter(pk__in=ids).values_list("pk", flat=True))
    lost = [each for each in ids if each not in there]
    for each in lost:
        stored_files.remove(each)
    return len(lost)

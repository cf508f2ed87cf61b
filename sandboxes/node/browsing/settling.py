"""Visits and browsers that a worker has left behind when it died."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from sandboxes.engine import limits as engine_limits
from sandboxes.engine.trees.removing import remove_tree
from sandboxes.host import browsers
from sandboxes.models import PageVisit
from sandboxes.services import page_visits
from vibe.jobs.queue import enqueue_again, is_waiting

DIED = "The worker that looked at the page ended meanwhile."
LATE = timedelta(seconds=120)


def end_leftovers() -> None:
    """At the start of a worker: its predecessor's visits are over, and so are its browsers. Where
    there is no control group to find one by, it ends by its time."""
    for row in _mine().filter(status=PageVisit.Status.RUNNING):
        page_visits.settle(row.pk, error=DIED)
    if not browsers.place().is_dir():
        return
    for path in browsers.place().iterdir():
        group = engine_limits.named(path.name)
        for pid in engine_limits.members(group) if group else ():
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        engine_limits.remove(group)
        (settings.RUN_DIR / f"{path.name}.sock").unlink(missing_ok=True)
        remove_tree(path)


def settle(before: datetime) -> None:
    """Give visits a job again that Redis has lost, and end what takes longer than it may."""
    for row in _mine().filter(status=PageVisit.Status.QUEUED, created_at__lte=before):
        if row.created_at + timedelta(seconds=page_visits.patience(row)) < timezone.now():
            page_visits.settle(row.pk, error="It did not come to its turn.")
        elif not is_waiting(settings.SANDBOX_QUEUE, row.pk):
            enqueue_again(settings.SANDBOX_QUEUE, page_visits.RUN_JOB, row.pk, job_id=row.pk)
    for row in _mine().filter(status=PageVisit.Status.RUNNING):
        if row.created_at + timedelta(seconds=page_visits.patience(row)) + LATE < timezone.now():
            page_visits.settle(row.pk, error=DIED)


def _mine() -> QuerySet[PageVisit]:
    return PageVisit.objects.filter(node=settings.NODE_NAME)

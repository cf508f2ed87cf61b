"""One pass over everything that may show errors, and over what was decided on them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from chat.models import Problem, ProblemDecision
from chat.services.problems import monitor, reading, settling


def look(now: datetime | None = None) -> int:
    """Read, settle, decide; how many repairs have begun. Any number of processes may do so at any
    time: each step is taken by whoever is first."""
    now = now or timezone.now()
    reading.read_all(now)
    settling.ended_repairs(now)
    settling.held(now)
    settling.by_new_versions(now)
    return monitor.look_at_all(now)


def forget_old() -> int:
    """Remove what was not seen for longer than is kept; how many rows went."""
    if settings.PROBLEM_DAYS <= 0:
        return 0
    before = timezone.now() - timedelta(days=settings.PROBLEM_DAYS)
    over = Problem.objects.filter(last_seen__lt=before)
    decisions = ProblemDecision.objects.filter(created_at__lt=before)
    return over.delete()[0] + decisions.delete()[0]

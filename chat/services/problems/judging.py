"""Errors of which rules cannot tell: a cheap model is asked once, in a job; nobody waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chat.models import Problem
from vibe.jobs.queue import enqueue

JOB = "chat.jobs.judge_problem"
# A judge that has not answered by then does not count.
PATIENCE = timedelta(seconds=90)
REASON = 300


def ask(problem: Problem, now: datetime) -> bool:
    """Have the model asked, if one is set and was not asked before; True if it is asked now."""
    if not settings.PROBLEM_JUDGE:
        return False
    with transaction.atomic():
        asked = Problem.objects.filter(
            pk=problem.pk, judge_asked_at=None, status=Problem.Status.OPEN
        ).update(judge_asked_at=now)
        if asked:
            enqueue(settings.CHAT_QUEUE, JOB, problem.pk, job_id=f"judge-{problem.pk}")
    return bool(asked)


def is_awaited(problem: Problem, now: datetime) -> bool:
    asked = problem.judge_asked_at
    return asked is not None and problem.judged is None and asked > now - PATIENCE


def verdict(problem: Problem) -> tuple[bool, str] | None:
    """Whether to act, and why; None where no model has said."""
    return None if problem.judged is None else (problem.judged, problem.judged_reason)


def keep(problem_id: str, act: bool, why: str) -> None:
    """Write down what the model has said; the next pass decides by it."""
    Problem.objects.filter(pk=problem_id, judged=None).update(
        judged=act, judged_reason=why[:REASON]
    )

"""Turns that nobody runs any more: the worker died, or Redis lost the job."""

from __future__ import annotations

import logging
from datetime import timedelta

import redis
from django.conf import settings
from django.utils import timezone

from chat.models import Turn
from chat.services import workers
from chat.services.asking import waiting
from chat.services.endings import end_turn
from chat.services.turns import RUN_JOB, job_of
from vibe.jobs.queue import enqueue_again, is_waiting

logger = logging.getLogger(__name__)

RESTARTED = {
    "title": "The worker was restarted",
    "detail": "The process that ran this turn ended before the answer was complete. "
    "Files and commands in the sandbox are as they were; trying again goes on from there.",
    "action": "retry",
}
# A turn that was just committed has a moment to reach the queue before it counts as lost.
GRACE = timedelta(seconds=5)


def fail_orphans() -> int:
    """End turns whose process is gone, and hand in again those whose job is lost.

    Returns how many turns it touched. Safe to call at any time and from several processes.
    """
    touched = 0
    for turn in Turn.objects.filter(status=Turn.Status.RUNNING):
        if not workers.is_gone(turn.worker):
            continue
        if turn.stop_requested_at is not None:
            touched += end_turn(turn.pk, Turn.Status.STOPPED)
        elif waiting.give_back(turn):
            touched += 1
        else:
            touched += end_turn(turn.pk, Turn.Status.FAILED, error=RESTARTED)
    # A stop that came in the moment in which the turn began to wait.
    stopped = Turn.objects.filter(status=Turn.Status.WAITING, stop_requested_at__isnull=False)
    for turn in stopped:
        touched += end_turn(turn.pk, Turn.Status.STOPPED)
    return touched + _hand_in_lost()


def _hand_in_lost() -> int:
    touched = 0
    queued = Turn.objects.filter(status=Turn.Status.QUEUED, created_at__lt=timezone.now() - GRACE)
    for turn in queued:
        job = job_of(turn)
        try:
            if not is_waiting(settings.CHAT_QUEUE, job):
                enqueue_again(settings.CHAT_QUEUE, RUN_JOB, turn.pk, job_id=job)
                touched += 1
        except redis.RedisError:
            logger.warning("Redis does not answer; waiting turns are looked at later")
            break
    return touched

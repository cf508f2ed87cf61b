"""Turns that are to end before they come to their own end."""

from __future__ import annotations

import logging

import redis
from django.utils import timezone

from chat.models import Turn
from chat.services import events, workers
from chat.services.endings import end_turn
from vibe.accounts.models import User

logger = logging.getLogger(__name__)


def stop_turn(turn: Turn, by: User | None = None, *, after_step: bool = False) -> Turn:
    """Stop a turn: a waiting one at once, a running one by telling its worker. Never an error.

    `after_step`: a running one ends when the model's present step is done, with its command.
    """
    turn.refresh_from_db()
    idle = [Turn.Status.QUEUED, Turn.Status.WAITING]
    if turn.status in idle and end_turn(turn.pk, Turn.Status.STOPPED, among=idle):
        turn.refresh_from_db()
        return turn
    if after_step:
        running = Turn.objects.filter(pk=turn.pk, status=Turn.Status.RUNNING)
        if running.update(stop_after_step_at=timezone.now()):
            logger.info("Turn %s is asked by %s to stop after its step", turn.pk, by)
            events.queue_changed(turn.conversation_id)
            turn.refresh_from_db()
            if not workers.is_gone(turn.worker):
                return turn
    asked = Turn.objects.filter(pk=turn.pk, status__in=Turn.ACTIVE).update(
        stop_requested_at=timezone.now()
    )
    if asked:
        logger.info("Turn %s is asked to stop by %s", turn.pk, by or "the platform")
        turn.refresh_from_db()
        if workers.is_gone(turn.worker):
            end_turn(turn.pk, Turn.Status.STOPPED)
        else:
            try:
                events.stop_requested(turn.pk)
            except redis.RedisError:
                # The runtime also looks at the row.
                logger.warning("Redis does not answer; turn %s sees its stop later", turn.pk)
    turn.refresh_from_db()
    return turn

"""Checks of what turns have left behind: asked for, planned, taken, settled, found.

The one who says "checked" is the platform; no model has a way to.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from chat.models import Check, Conversation, Turn, Version
from chat.services import events, workers
from chat.services.checking import copies
from chat.services.storable import storable
from sandboxes.models import Command, PagePicture, PageVisit
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue, enqueue_again, is_waiting
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream
from vibe.webhooks.services import announcing

logger = logging.getLogger(__name__)

RUN_JOB = "chat.jobs.check_turn"
ENDED = "check.ended"
RESTARTED = "The worker that checked it ended meanwhile."
GRACE = timedelta(seconds=5)
Status = Check.Status


def plan(turn: Turn, steps: Sequence[dict[str, Any]]) -> Check:
    """What is to be tried at the turn's end; the last plan holds."""
    with transaction.atomic():
        Turn.objects.select_for_update().defer("history").get(pk=turn.pk)
        planned = turn.checks.filter(status=Status.PLANNED).first() or Check(
            turn=turn, status=Status.PLANNED
        )
        planned.plan = storable(list(steps))
        planned.save()
    return planned


def after_turn(turn: Turn) -> Check | None:
    """Ask for the check of what the turn has left behind, in the background; None where there is
    nothing of the kind: it did not come to its end, changed nothing, or there is no server."""
    if turn.status != Turn.Status.COMPLETED or turn.mode == Conversation.Mode.PLAN:
        return None
    version = Version.objects.filter(turn=turn, reason=Version.Reason.TURN).last()
    sandbox = turn.conversation.sandbox
    if not settings.CHECK_TURNS or version is None or sandbox is None:
        return None
    servers = Command.objects.filter(session=sandbox.session_id, background=True, tty=False)
    if not servers.exists():
        return None
    with transaction.atomic():
        check = turn.checks.filter(status=Status.PLANNED).last() or Check(turn=turn)
        check.status, check.version = Status.QUEUED, version
        check.created_at = timezone.now()
        check.visit_before = _last_visit(turn)
        check.save()
        enqueue(settings.CHAT_QUEUE, RUN_JOB, check.pk, job_id=check.pk)
    return check


def latest(turn: Turn) -> Check | None:
    """The turn's check, under way or ended; None for a turn that needs none."""
    return of_turns([turn.pk]).get(turn.pk)


def of_turns(ids: Iterable[str]) -> dict[str, Check]:
    """The same of many, by the turn's id."""
    rows = Check.objects.filter(turn__in=list(ids)).exclude(status=Status.PLANNED)
    rows = rows.select_related("visit", "visit_before").prefetch_related(
        _pictures("visit"), _pictures("visit_before")
    )
    return {row.turn_id: row for row in rows}


def of_versions(ids: Iterable[str]) -> dict[str, str]:
    """Ids of checks that have a picture of a version, by the version's id."""
    rows = Check.objects.filter(version__in=list(ids), visit__pictures__name="page-small")
    return dict(rows.order_by("created_at").values_list("version_id", "pk"))


def _pictures(which: str) -> Prefetch[Any]:
    named = PagePicture.objects.defer("data")
    return Prefetch(f"{which}__pictures", queryset=named)


def get_for(user: User, check_id: str) -> Check:
    """The user's check. Raises Refusal(not_found)."""
    found = (
        Check.objects.select_related("visit", "visit_before")
        .filter(pk=check_id, turn__conversation__owner=user)
        .exclude(status=Status.PLANNED)
        .first()
    )
    if found is None:
        raise Refusal("There is no such check.", "It may have been deleted.", code="not_found")
    return found


def claim(check_id: str) -> Check | None:
    """Take a check that waits; None for one that somebody has."""
    taken = Check.objects.filter(pk=check_id, status=Status.QUEUED).update(
        status=Status.RUNNING, worker=workers.current(), started_at=timezone.now()
    )
    if not taken:
        return None
    return Check.objects.select_related(
        "turn__conversation__sandbox__session", "version", "visit_before"
    ).get(pk=check_id)


def begins(check: Check) -> None:
    """It has turned out that there is something to check: pages show that it is under way."""
    events.check_changed(check.turn.conversation_id, check.turn_id, Status.RUNNING)


def drop(check: Check) -> None:
    """There is nothing to check."""
    Check.objects.filter(pk=check.pk, status__in=Check.PENDING).delete()


def settle(check_id: str, status: str, reason: str, **columns: Any) -> bool:
    """End a check as checked, unchecked or failed, once; pages, programs and webhooks are told."""
    now = timezone.now()
    told = storable({"reason": reason[:2000], **columns})
    ended = Check.objects.filter(pk=check_id, status__in=Check.PENDING).update(
        status=status, finished_at=now, **told
    )
    if not ended:
        return False
    copies.give_back(check_id)
    check = Check.objects.select_related("turn__conversation").get(pk=check_id)
    conversation = check.turn.conversation
    announcing.announce(
        conversation.owner_id,
        ENDED,
        {
            "id": check.pk,
            "turn": check.turn_id,
            "conversation": conversation.pk,
            "status": check.status,
            "reason": check.reason,
            "steps": check.steps,
        },
    )
    events.check_changed(conversation.pk, check.turn_id, check.status)
    done = EventStream(events.check_key(check.pk))
    try:
        done.append(type="check", status=check.status)
        done.finish(expire=events.LIFETIME_AFTER_END)
    except redis.RedisError:
        pass  # whoever waits looks at the row too
    return True


def settle_lost() -> int:
    """End checks whose process is gone as unchecked, and hand in again those whose job is lost;
    how many. Safe to call at any time and from several processes."""
    touched = 0
    for check in Check.objects.filter(status=Status.RUNNING):
        if workers.is_gone(check.worker):
            touched += settle(check.pk, Status.UNCHECKED, RESTARTED)
    copies.give_back_lost()
    lost = Check.objects.filter(status=Status.QUEUED, created_at__lt=timezone.now() - GRACE)
    for check in lost:
        try:
            if not is_waiting(settings.CHAT_QUEUE, check.pk):
                enqueue_again(settings.CHAT_QUEUE, RUN_JOB, check.pk, job_id=check.pk)
                touched += 1
        except redis.RedisError:
            logger.warning("Redis does not answer; waiting checks are looked at later")
            break
    return touched


def is_overtaken(check: Check) -> bool:
    """Whether another turn is at work on the files by now, or has been."""
    later = Turn.objects.filter(conversation=check.turn.conversation_id)
    return later.filter(created_at__gt=check.turn.created_at).exclude(pk=check.turn_id).exists()


def _last_visit(turn: Turn) -> PageVisit | None:
    before = Check.objects.filter(
        turn__conversation=turn.conversation_id,
        visit__isnull=False,
        status__in=Check.ENDED,
        turn__superseded_by=None,
    )
    last = before.exclude(turn=turn).select_related("visit").last()
    return last.visit if last else None


def faults_of(check: Check, *, but_listed: bool = False) -> list[str]:
    """What it has against the app, a line each; `but_listed`: without what is a problem of its own
    already."""
    found = [one for one in check.steps if _is_fault(one)]
    if but_listed:
        found = [one for one in found if not one.get("listed")]
    return [f"{one['what']}: {one['detail']}" for one in found]


def note_for(turn: Turn) -> str:
    """What the model is told of the check of the turn before; or nothing."""
    before = turn.conversation.turns.filter(
        created_at__lt=turn.created_at, superseded_by=None
    ).last()
    check = latest(before) if before is not None else None
    if check is None or check.status not in (Status.FAILED, Status.UNCHECKED):
        return ""
    listed = "".join(f"\n- {fault}" for fault in faults_of(check)[:8])
    return (
        f"[The platform has checked the app after your last answer: {check.status}. "
        f"{check.reason}{listed}]\n\n"
    )[:3000]


def _is_fault(step: Any) -> bool:
    return isinstance(step, dict) and step.get("outcome") == "failed"

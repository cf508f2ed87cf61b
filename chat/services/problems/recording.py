"""An error that was seen becomes a row, or is counted at the row that there is."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from chat.models import Conversation, Problem, Turn, Version
from chat.problems import fingerprint
from chat.problems.found import SERVER, Found
from chat.services import events, queue
from chat.services.problems import auditing, folding
from chat.services.storable import storable
from sandboxes.models import Command
from vibe.redaction import redacted

Status = Problem.Status
SOURCE = 300


def record(
    conversation_id: str,
    found: Found,
    *,
    command: Command | None = None,
    at: datetime | None = None,
) -> Problem | None:
    """Keep that the error was seen; None when there is no room for a new one, or no conversation.

    One that was held to be over is open again, and to be decided on.
    """
    at = at or timezone.now()
    found = found.bounded()
    print_ = fingerprint.of(found)
    with transaction.atomic():
        queue.lock(conversation_id)
        if found.kind == SERVER and (cause := folding.take_in(conversation_id, found, at)):
            transaction.on_commit(lambda: events.problems_changed(conversation_id))
            return cause
        known = Problem.objects.filter(conversation=conversation_id, fingerprint=print_).first()
        if known is None:
            known = _made(conversation_id, print_, found, at)
            if known is None:
                return None
        else:
            _seen_again(known, found, at)
        if command is not None:
            known.source, known.command = command.line[:SOURCE], command
            known.save(update_fields=["source", "command"])
            folding.take_answers(known, at)
        transaction.on_commit(lambda: events.problems_changed(conversation_id))
    return known


def _made(conversation_id: str, print_: str, found: Found, at: datetime) -> Problem | None:
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None or not _has_room(conversation):
        return None
    active = conversation.turns.filter(status__in=Turn.ACTIVE).first()
    saved = Version.objects.filter(conversation=conversation, number__isnull=False)
    return Problem.objects.create(
        conversation=conversation,
        fingerprint=print_,
        kind=found.kind,
        about=found.about,
        severity=found.severity,
        title=_told(found.title)[:300],
        detail=_told(found.detail),
        path=storable(found.path),
        line=found.line,
        column=found.column,
        noise=found.noise,
        clear=found.clear,
        count=found.times,
        first_seen=at,
        last_seen=at,
        opened_at=at,
        since=None if active else saved.order_by("number").last(),
        since_turn=active,
    )


def _told(text: str) -> str:
    """Without what looks like a secret: a model reads it, and whoever a page is shown to."""
    return storable(redacted(text))


def _seen_again(known: Problem, found: Found, at: datetime) -> None:
    Problem.objects.filter(pk=known.pk).update(
        count=F("count") + found.times,
        last_seen=at,
        detail=_told(found.detail) or known.detail,
        line=found.line or known.line,
        column=found.column or known.column,
    )
    over = Problem.objects.filter(pk=known.pk, status__in=[Status.RESOLVED, Status.WATCHED])
    came_back = over.update(
        status=Status.OPEN, opened_at=at, decided_at=None, needs_person=False, settled_at=None
    )
    if came_back:
        auditing.note(known, "reopen", "It was seen again.")
    known.refresh_from_db()


def _has_room(conversation: Conversation) -> bool:
    """Whether a further row fits; the oldest of what is over makes room."""
    mine = Problem.objects.filter(conversation=conversation)
    all_mine = Problem.objects.filter(conversation__owner=conversation.owner_id)
    return _below(mine, settings.PROBLEMS_PER_CONVERSATION) and _below(
        all_mine, settings.PROBLEMS_PER_USER
    )


def _below(rows: QuerySet[Problem], most: int) -> bool:
    if rows.order_by().count() < most:
        return True
    over = Q(status__in=[Status.RESOLVED, Status.IGNORED]) | Q(severity=Problem.Severity.WARNING)
    oldest = rows.filter(over).order_by("last_seen").values_list("pk", flat=True)[:10]
    gone, _ = Problem.objects.filter(pk__in=list(oldest)).delete()
    return gone > 0

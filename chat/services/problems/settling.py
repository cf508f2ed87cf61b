"""Errors that are over: what showed them runs without them, a repair has held, a turn has ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chat.models import ErrorMonitor, Part, Problem, Turn, Version
from chat.services import events
from chat.services.problems import auditing
from chat.services.problems.recording import SOURCE
from chat.services.versioning import versions
from sandboxes.models import Command

Status = Problem.Status
# A repair holds when its error was not seen for so long.
HOLDS = timedelta(seconds=60)
LATELY = timedelta(minutes=10)
CHANGING = ("write_files", "edit_file", "delete_files", "rename_file", "restore_version")
AT_ONCE = 200


def resolve(problem: Problem, reason: str) -> bool:
    """Hold the error to be over; True if this call did it."""
    with transaction.atomic():
        done = Problem.objects.filter(pk=problem.pk, status__in=Problem.LIVE).update(
            status=Status.RESOLVED,
            needs_person=False,
            reason=reason[: auditing.REASON],
            settled_at=timezone.now(),
        )
        if not done:
            return False
        auditing.note(problem, "resolve", reason)
        if problem.attempts:
            # A repair that has mended something is progress.
            ErrorMonitor.objects.filter(conversation=problem.conversation_id).update(fruitless=0)
        transaction.on_commit(lambda: events.problems_changed(problem.conversation_id))
    return True


def by_run(command: Command) -> None:
    """A command has gone well, or a server has run for a while: what its line has shown before,
    and not in this run, is over; of a server also what its answers and pages have shown."""
    assert command.started_at is not None
    live = Problem.objects.filter(
        conversation__sandbox=command.sandbox_id,
        status__in=Problem.LIVE,
        last_seen__lt=command.started_at,
    )
    same = live.filter(kind=Problem.Kind.COMMAND, source=command.line[:SOURCE])
    for problem in same[:AT_ONCE]:
        resolve(problem, f"`{command.line[:160]}` ran again without it.")
    if command.background:
        for problem in live.filter(kind=Problem.Kind.SERVER)[:AT_ONCE]:
            resolve(problem, "The server was started again since, and has not shown it.")


def by_later_steps(command: Command) -> None:
    """A step of the model went well: what failed before it in the same turn the model has seen
    itself, and gone on."""
    part = Part.objects.filter(command=command).select_related("message").first()
    if part is None or command.started_at is None:
        return
    earlier = Problem.objects.filter(
        conversation=part.message.conversation_id,
        kind=Problem.Kind.COMMAND,
        status=Status.OPEN,
        command__background=False,
        command__parts__message__turn=part.message.turn_id,
        last_seen__lt=command.started_at,
    )
    for problem in earlier.distinct()[:AT_ONCE]:
        resolve(problem, "The model saw it in its own turn and went on; a later step went well.")


def ended_repairs(now: datetime) -> None:
    """Errors whose repair has ended are watched, or open again."""
    ended = Problem.objects.filter(status=Status.REPAIRING).exclude(turn__status__in=Turn.ACTIVE)
    for problem in ended.select_related("turn")[:AT_ONCE]:
        _after_repair(problem, now)


def _after_repair(problem: Problem, now: datetime) -> None:
    turn = problem.turn
    mine = Problem.objects.filter(pk=problem.pk, status=Status.REPAIRING, turn=turn)
    if turn is not None and turn.status == Turn.Status.COMPLETED:
        if problem.last_seen <= _last_change(turn):
            mine.update(status=Status.WATCHED, settled_at=turn.finished_at or now)
        elif mine.update(status=Status.OPEN, opened_at=now, decided_at=None):
            auditing.note(problem, "reopen", "It was seen after the repair had changed files.")
    else:
        if turn is None:
            why = "The turn that was to repair it was deleted."
        elif turn.status == Turn.Status.STOPPED:
            why = "Its repair was stopped."
        else:
            why = f"Its repair failed: {(turn.error or {}).get('title', 'the turn failed')}."
        if mine.update(status=Status.OPEN, decided_at=now, needs_person=True, reason=why):
            auditing.note(problem, "ask", why, turn=turn)
    events.problems_changed(problem.conversation_id)


def _last_change(turn: Turn) -> datetime:
    """When the turn has last changed files; its end where no tool of it did."""
    parts = Part.objects.filter(message__turn=turn, tool__in=CHANGING, state=Part.State.DONE)
    last: datetime | None = parts.aggregate(last=Max("finished_at"))["last"]
    return last or turn.finished_at or turn.created_at


def held(now: datetime) -> None:
    """Repairs that have held for a while."""
    watched = Problem.objects.filter(status=Status.WATCHED, settled_at__lte=now - HOLDS)
    for problem in watched[:AT_ONCE]:
        resolve(problem, "It was not seen again for a minute after its repair.")


def by_new_versions(now: datetime) -> None:
    """What was not seen for a while since a later turn has changed the files, of what still runs:
    what has ended over it must run again first."""
    lately = Version.objects.filter(
        created_at__gte=now - LATELY, created_at__lte=now - HOLDS, turn__isnull=False
    ).filter(conversation__problems__status=Status.OPEN)
    for newest in lately.select_related("turn", "checkpoint", "conversation").distinct():
        versions.number_settled(newest.conversation)
        newest.refresh_from_db(fields=["number"])
        if newest.number is None or newest.turn is None or not newest.checkpoint.files_changed:
            continue
        quiet = (
            Problem.objects.filter(
                conversation=newest.conversation_id,
                status=Status.OPEN,
                last_seen__lt=newest.turn.created_at,
            )
            .exclude(kind=Problem.Kind.CHECK)
            .exclude(command__status=Command.Status.FINISHED)
        )
        for problem in quiet[:AT_ONCE]:
            resolve(problem, f"It was not seen since version {newest.number}.")

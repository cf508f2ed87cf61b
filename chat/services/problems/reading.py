"""The output of commands, read for errors as it is stored: each byte once, by whoever is first."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet

from chat.models import CommandReading, Conversation, Part, Problem
from chat.problems import exits, output
from chat.problems.lines import Line
from chat.services.problems import settling
from chat.services.problems.recording import record
from sandboxes.models import Command, LogChunk
from sandboxes.output import replay
from sandboxes.output.lines import LineSplitter

logger = logging.getLogger(__name__)

# A traceback comes in one go: what was written last may still be one half.
SETTLES, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=5)
# Of what comes faster than it is read, the end counts.
MOST_BYTES = 256 * 1024
MOST_COMMANDS = 300
LATELY = timedelta(minutes=10)
# A server that has run for so long without its errors is free of them.
VOUCHES = timedelta(seconds=10)
JUST_BEFORE = timedelta(seconds=30)
TAIL_BYTES, TAIL_LINES = 4_000, 12


def due(now: datetime) -> QuerySet[Command]:
    """Commands of conversations' sandboxes that run or have ended lately, and are not read to
    their end."""
    on = ~Q(status=Command.Status.FINISHED) | Q(finished_at__gte=now - LATELY)
    return (
        Command.objects.filter(on, tty=False)
        .filter(sandbox_id__in=Conversation.objects.exclude(sandbox=None).values("sandbox_id"))
        .exclude(reading__settled=True)
        .select_related("reading")
        .order_by("created_at", "id")
    )


def read_all(now: datetime) -> None:
    """Read on in all of them. One that cannot be read hinders none of the others."""
    for command in due(now)[:MOST_COMMANDS]:
        try:
            read_on(command, now)
        except DatabaseError:
            logger.exception("The output of %s could not be read for errors", command.pk)


def read_on(command: Command, now: datetime) -> None:
    """Read what is new of the command's output, and its end."""
    reading = getattr(command, "reading", None) or _begun(command)
    conversation_id = conversation_of(command)
    if conversation_id is None:
        return
    if _is_ripe(command, reading, now):
        _read(command, reading, conversation_id)
    if command.is_finished:
        _read_end(command, reading, conversation_id, now)
    elif _may_vouch(command, reading, now) and _take(reading, vouched=False).update(vouched=True):
        settling.by_run(command)
        settling.by_later_steps(command)


def conversation_of(command: Command) -> str | None:
    """That whose model has started it, else the one of its sandbox that was used last."""
    part = Part.objects.filter(command=command).select_related("message").first()
    if part is not None:
        return part.message.conversation_id
    of_sandbox = Conversation.objects.filter(sandbox=command.sandbox_id).order_by("-updated_at")
    return of_sandbox.values_list("pk", flat=True).first()


def _begun(command: Command) -> CommandReading:
    return CommandReading.objects.get_or_create(command=command)[0]


def _take(reading: CommandReading, **seen: object) -> QuerySet[CommandReading]:
    """The row, if it still is as it was seen: of two readers one finds it."""
    return CommandReading.objects.filter(pk=reading.pk, **seen)


def _is_ripe(command: Command, reading: CommandReading, now: datetime) -> bool:
    fresh = LogChunk.objects.filter(command=command, offset__gte=reading.offset).only(
        "offset", "written_at"
    )
    newest = fresh.order_by("-offset").first()
    if newest is None:
        return False
    if command.is_finished or newest.written_at is None or newest.written_at <= now - SETTLES:
        return True
    oldest = fresh.order_by("offset").first()
    assert oldest is not None
    return newest.offset - reading.offset > MOST_BYTES // 2 or (
        oldest.written_at is not None and oldest.written_at <= now - LONGEST_WAIT
    )


def _read(command: Command, reading: CommandReading, conversation_id: str) -> None:
    last = LogChunk.objects.filter(command=command).order_by("-offset").first()
    assert last is not None
    end = last.offset + len(last.data)
    after = max(reading.offset, end - MOST_BYTES)
    found = output.found_in(list(_lines(command, after, end)))
    with transaction.atomic():
        if not _take(reading, offset=reading.offset).update(offset=end):
            return
        for one in found:
            record(conversation_id, one, command=command)
    reading.offset = end


def _lines(command: Command, after: int, end: int) -> Iterator[Line]:
    splitter = LineSplitter()
    for piece in replay.read(command, after, MOST_BYTES, until=end):
        for line in splitter.feed(0, piece.offset, piece.stream, piece.data):
            yield _plain(line.data, line.stream)
    for line in splitter.flush():
        yield _plain(line.data, line.stream)


def _plain(data: bytes, stream: int) -> Line:
    return Line(replay.plain(data), stream == LogChunk.Stream.STDERR)


def _read_end(
    command: Command, reading: CommandReading, conversation_id: str, now: datetime
) -> None:
    if not _take(reading, settled=False).update(settled=True):
        return
    if command.succeeded:
        settling.by_run(command)
        settling.by_later_steps(command)
        return
    tail = "\n".join(replay.text(command, TAIL_BYTES).splitlines()[-TAIL_LINES:])
    found = exits.of_exit(
        line=command.line,
        executable=command.executable,
        cause=command.cause,
        exit_code=command.exit_code,
        outcome=command.outcome,
        background=command.background,
        error=command.error,
        tail=tail,
    )
    if found is None:
        return
    said = Problem.objects.filter(
        conversation=conversation_id,
        command=command,
        severity=Problem.Severity.ERROR,
        clear=True,
        last_seen__gte=(command.finished_at or now) - JUST_BEFORE,
    )
    # What it said before it ended is the error; the exit alone says less.
    if command.cause in (Command.Cause.EXITED, Command.Cause.SIGNALLED) and said.exists():
        return
    record(conversation_id, found, command=command, at=command.finished_at)


def _may_vouch(command: Command, reading: CommandReading, now: datetime) -> bool:
    runs = command.background and command.status == Command.Status.RUNNING
    return (
        runs
        and not reading.vouched
        and command.started_at is not None
        and command.started_at <= now - VOUCHES
    )

"""Servers that have just ended by themselves, or do not listen yet, and what they said last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from sandboxes.models import Command, LogChunk
from sandboxes.models.command import signal_name
from sandboxes.output import text
from vibe.redaction import redacted

LATELY = timedelta(seconds=60)
LINES, LONGEST_LINE = 12, 300
LOOKED_AT = 60  # lines, among which those of stderr are sought


@dataclass(frozen=True)
class Crash:
    """line: the command as one would type it. outcome: how it ended, after "it". lines: of its
    stderr, else of its output. times: how often the same command ended so within LATELY."""

    line: str
    outcome: str
    lines: tuple[str, ...]
    times: int


@dataclass(frozen=True)
class Start:
    """A server on its way. line: the command as one would type it. lines: what it said last.
    seconds: for how long it has run. command: its id."""

    line: str
    lines: tuple[str, ...]
    seconds: float
    command: str


def starting(session_id: str) -> Start | None:
    """The last background command of the session, if it runs; None otherwise."""
    found = Command.objects.filter(session_id=session_id, background=True, tty=False)
    last = found.order_by("-created_at", "-id").first()
    if last is None or last.status != Command.Status.RUNNING:
        return None
    begun = last.started_at or last.created_at
    seconds = (timezone.now() - begun).total_seconds()
    return Start(last.line, last_lines(last), seconds, last.pk)


def latest(session_id: str) -> Crash | None:
    """The last background command of the session that failed within LATELY; None when none did."""
    failed = [
        command
        for command in Command.objects.filter(
            session_id=session_id,
            status=Command.Status.FINISHED,
            background=True,
            tty=False,
            finished_at__gte=timezone.now() - LATELY,
        ).order_by("-finished_at")
        if command.tone == "danger"
    ]
    if not failed:
        return None
    last = failed[0]
    times = sum(command.line == last.line for command in failed)
    return Crash(last.line, _in_words(last), last_lines(last), times)


def _in_words(command: Command) -> str:
    match command.cause:
        case Command.Cause.EXITED:
            return f"ended with exit code {command.exit_code}"
        case Command.Cause.SIGNALLED:
            return f"was ended by {signal_name(command.signal)}"
        case _:
            return f"ended: {command.outcome}"


def last_lines(command: Command) -> tuple[str, ...]:
    """What a command said last, on stderr if there was anything; without what looks like a secret,
    for whoever opens the preview reads it."""
    found = text.page(command, None, LOOKED_AT).lines
    errors = [line for line in found if line.stream == LogChunk.Stream.STDERR]
    plain = (text.PlainText().feed(line.data, final=True) for line in errors or found)
    said = [redacted(line)[:LONGEST_LINE] for line in plain if line.strip()]
    return tuple(said[-LINES:])

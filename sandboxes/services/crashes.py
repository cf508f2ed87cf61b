"""Servers that have just ended by themselves: how, how often, and what they said last."""

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
    return Crash(last.line, _in_words(last), _last_lines(last), times)


def _in_words(command: Command) -> str:
    match command.cause:
        case Command.Cause.EXITED:
            return f"ended with exit code {command.exit_code}"
        case Command.Cause.SIGNALLED:
            return f"was ended by {signal_name(command.signal)}"
        case _:
            return f"ended: {command.outcome}"


def _last_lines(command: Command) -> tuple[str, ...]:
    """Without what looks like a secret: whoever opens the preview reads them."""
    found = text.page(command, None, LOOKED_AT).lines
    errors = [line for line in found if line.stream == LogChunk.Stream.STDERR]
    plain = (text.PlainText().feed(line.data, final=True) for line in errors or found)
    said = [redacted(line)[:LONGEST_LINE] for line in plain if line.strip()]
    return tuple(said[-LINES:])

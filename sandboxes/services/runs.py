"""The states of a command as its worker drives them: claimed, finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Sum
from django.db.models.functions import Length
from django.utils import timezone

from sandboxes.engine import CommandExit, ExecSpec
from sandboxes.models import Command, LogChunk, SandboxSession
from sandboxes.services.commands import announce_end

Cause = Command.Cause
# Programs should not hold their output back because it goes to a pipe.
DEFAULT_ENV = {"PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Claim:
    """A command that this worker is to look after.

    `resumed`: it ran before this worker did. `stored` and `lines`: what the rows already hold.
    """

    command: Command
    session: SandboxSession
    resumed: bool
    stored: int = 0
    lines: int = 0

    def spec(self) -> ExecSpec:
        command = self.command
        return ExecSpec(
            command=command.id,
            argv=[command.executable, *command.args],
            cwd=command.cwd or ".",
            env={**DEFAULT_ENV, **command.env},
            timeout=float(command.timeout),
        )


def claim(command_id: str) -> Claim | None:
    """Take up a queued or running command; None when it has finished.

    A session that is still starting leaves the command queued: claim again when it runs.
    """
    command = Command.objects.select_related("session", "sandbox").get(pk=command_id)
    if command.is_finished:
        return None
    session = command.session
    if session.status == SandboxSession.Status.PENDING:
        return Claim(command, session, resumed=False)
    if command.status == Command.Status.RUNNING:
        stored, lines = _stored(command_id)
        return Claim(command, session, resumed=True, stored=stored, lines=lines)
    now = timezone.now()
    changed = Command.objects.filter(pk=command_id, status=Command.Status.QUEUED).update(
        status=Command.Status.RUNNING, started_at=now
    )
    if not changed:
        return None
    command.status, command.started_at = Command.Status.RUNNING, now
    return Claim(command, session, resumed=False)


def finished(command_id: str, ending: CommandExit | None, size: int, lines: int) -> Command | None:
    """Record how a command ended; None for `ending` means that its sandbox ended with it.

    Returns the refreshed command, or None when its end was recorded before.
    """
    command = Command.objects.select_related("session").get(pk=command_id)
    fields: dict[str, Any] = {
        "status": Command.Status.FINISHED,
        "finished_at": timezone.now(),
        "log_size": size,
        "line_count": lines,
        "cause": _cause(command, ending),
    }
    if ending is not None:
        fields |= {"exit_code": ending.code, "signal": ending.signal, "error": ending.error}
    kept = LogChunk.objects.filter(command_id=command_id).aggregate(n=Sum(Length("data")))["n"]
    fields["dropped_bytes"] = max(0, size - (kept or 0))
    changed = Command.objects.filter(
        pk=command_id, status__in=[Command.Status.QUEUED, Command.Status.RUNNING]
    ).update(**fields)
    if not changed:
        return None
    command.refresh_from_db()
    return command


def failed(command_id: str, cause: str, error: str) -> None:
    """Record that a command could not be run or looked after any further."""
    stored, lines = _stored(command_id)
    changed = Command.objects.filter(
        pk=command_id, status__in=[Command.Status.QUEUED, Command.Status.RUNNING]
    ).update(
        status=Command.Status.FINISHED,
        cause=cause,
        error=error,
        finished_at=timezone.now(),
        log_size=stored,
        line_count=lines,
    )
    if changed:
        announce_end(Command.objects.get(pk=command_id))


def started(command_id: str, pid: int) -> None:
    Command.objects.filter(pk=command_id).update(pid=pid)


def _stored(command_id: str) -> tuple[int, int]:
    """(bytes, line ends) that the rows hold."""
    found = LogChunk.objects.filter(command_id=command_id).aggregate(
        end=Max(F("offset") + Length("data")), lines=Sum("line_count"), rows=Count("pk")
    )
    return found["end"] or 0, found["lines"] or 0


def _cause(command: Command, ending: CommandExit | None) -> str:
    if command.stop_requested_at is not None:
        return Cause.KILLED
    if ending is None:
        return Cause.SANDBOX_STOPPED
    if ending.error:
        return Cause.START_FAILED
    if ending.timed_out:
        return Cause.TIMED_OUT
    if ending.out_of_memory:
        return Cause.OUT_OF_MEMORY
    if ending.signal is not None:
        # The end of its sandbox kills a command as well.
        return (
            Cause.SANDBOX_STOPPED
            if command.session.status != SandboxSession.Status.RUNNING
            else Cause.SIGNALLED
        )
    return Cause.EXITED

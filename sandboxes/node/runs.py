"""The states of a command as its worker drives them: claimed, finished."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone

from sandboxes.engine import CommandExit, ExecSpec
from sandboxes.models import Command, LogChunk, SandboxEvent, SandboxSession
from sandboxes.news import event_log, events
from sandboxes.services import limits, terminals
from sandboxes.services.commands import announce_end
from vibe.data.prepared import Prepared

Cause = Command.Cause
UNKILLABLE = (
    "{} of its processes do not end although they were killed: they wait in the kernel, mostly for "
    "a disk. If they stay, stop the sandbox."
)
SHELL_SIGNAL = 128  # added by a shell to the number of the signal that ended its program
# Programs should not hold their output back because it goes to a pipe.
DEFAULT_ENV = {"PYTHONUNBUFFERED": "1"}

_with_session = Prepared(
    lambda command: Command.objects.select_related("session", "terminal", "sandbox").filter(
        pk=command
    )
)
_with_sandbox = Prepared(
    lambda command: Command.objects.select_related("session", "sandbox").filter(pk=command)
)


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
            sudo=command.sudo,
            timeout=float(command.timeout),
            grace=command.timeout_grace,
            limits_left=command.timeout_for_left,
            stdin=command.stdin,
            terminal=terminals.size_of(command),
        )


@dataclass(frozen=True)
class Start:
    """When a command's process began, and which it is in its sandbox."""

    at: datetime
    pid: int


def claim(command_id: str) -> Claim | None:
    """Look up a command that is to be run or taken up again; None when it has finished.

    Nothing is written before it runs: the agent starts a command of one id only once.
    """
    command = _with_session.first(command_id)
    if command is None or command.is_finished:
        return None
    if command.status == Command.Status.QUEUED:
        return Claim(command, command.session, resumed=False)
    stored, lines = written(command_id)
    return Claim(command, command.session, resumed=True, stored=stored, lines=lines)


def running(command: Command, start: Start) -> bool:
    """Record that a command runs, unless its end was recorded before, and tell so; False when
    somebody has asked for its end meanwhile."""
    changed = Command.objects.filter(pk=command.pk, status=Command.Status.QUEUED).update(
        status=Command.Status.RUNNING, started_at=start.at, pid=start.pid
    )
    if changed:
        command.status = Command.Status.RUNNING
        command.started_at, command.pid = start.at, start.pid
        events.command_changed(command)
        return True
    # Not each end was asked for: what a quick command has left running is to stay.
    asked_for = Command.objects.filter(pk=command.pk, stop_requested_at__isnull=False)
    return not asked_for.exists()


def finished(
    command_id: str,
    ending: CommandExit | None,
    size: int,
    lines: int,
    *,
    start: Start,
    exceeded: str = "",
) -> Command | None:
    """Record how a command ended; None for `ending` means that its sandbox ended with it.

    `size`: bytes that it wrote, kept or not. `start` counts where `running` has not recorded one,
    and the command did start. `exceeded`: the Cause of a limit that somebody has
    ended it for. Returns the command as it now is, or None when its end was recorded before.
    """
    command = _with_sandbox.first(command_id)
    if command is None or command.is_finished:
        return None
    command.status = Command.Status.FINISHED
    command.finished_at = timezone.now()
    command.log_size = size
    command.line_count = lines
    if command.started_at is None and not (ending and ending.error):
        command.started_at, command.pid = start.at, start.pid
    command.cause = _cause(command, ending, exceeded)
    if ending is not None:
        command.exit_code, command.signal = ending.code, ending.signal
        command.error = ending.error or limits.exceeded(command.cause, command.sandbox)
        # Where the sandbox has ended since, nothing is left.
        live = command.session.status in SandboxSession.LIVE
        command.left_processes = ending.left if live else 0
        if ending.left and (ending.requested or ending.timed_out):
            command.error = UNKILLABLE.format(ending.left)
    elif command.cause == Cause.KILLED:
        command.signal = command.sent_signal
    command.dropped_bytes = _dropped(command_id, size)
    fields = (
        "status", "started_at", "pid", "finished_at", "log_size", "line_count", "cause",
        "exit_code", "signal", "error", "left_processes", "dropped_bytes",
    )  # fmt: skip
    changed = Command.objects.filter(
        pk=command_id, status__in=[Command.Status.QUEUED, Command.Status.RUNNING]
    ).update(**{name: getattr(command, name) for name in fields})
    if changed and ending is not None and not ending.error and command.error:
        kind = SandboxEvent.Kind.LIMIT
        event_log.record(
            command.sandbox, kind, command.error, command=command.id, cause=command.cause
        )
    return command if changed else None


def failed(command_id: str, cause: str, error: str) -> None:
    """Record that a command could not be run or looked after any further.

    One that somebody had killed before its sandbox was stopped has been killed.
    """
    stored, lines = written(command_id)
    unfinished = Command.objects.filter(
        pk=command_id, status__in=[Command.Status.QUEUED, Command.Status.RUNNING]
    )
    number = None
    command = unfinished.first() if cause == Cause.SANDBOX_STOPPED else None
    if command is not None and command.is_being_killed:
        cause, number = Cause.KILLED, command.sent_signal
    changed = unfinished.update(
        status=Command.Status.FINISHED,
        cause=cause,
        signal=number,
        error=error,
        finished_at=timezone.now(),
        log_size=stored,
        line_count=lines,
        dropped_bytes=_dropped(command_id, stored),
    )
    if changed:
        announce_end(Command.objects.get(pk=command_id))


def written(command_id: str) -> tuple[int, int]:
    """(bytes, line ends) up to the end of the newest row."""
    newest = (
        LogChunk.objects.filter(command_id=command_id)
        .order_by("-offset")
        .values_list("offset", Length("data"), "first_line", "line_count")
        .first()
    )
    if newest is None:
        return 0, 0
    offset, length, first_line, line_count = newest
    return offset + length, first_line + line_count - 1


def _dropped(command_id: str, size: int) -> int:
    """How many of `size` bytes the rows no longer hold."""
    if size <= settings.COMMAND_LOG_LIMIT:
        return 0
    kept = LogChunk.objects.filter(command_id=command_id).aggregate(n=Sum(Length("data")))
    return max(0, size - (kept["n"] or 0))


def _cause(command: Command, ending: CommandExit | None, exceeded: str) -> str:
    if command.stop_requested_at is not None:
        return Cause.KILLED
    if ending is None:
        return Cause.KILLED if command.is_being_killed else Cause.SANDBOX_STOPPED
    if ending.error:
        return Cause.START_FAILED
    if ending.timed_out:
        return Cause.TIMED_OUT
    if ending.out_of_memory:
        return Cause.OUT_OF_MEMORY
    if exceeded and ending.code != 0:
        return exceeded
    if ending.signal == signal.SIGXFSZ or ending.code == SHELL_SIGNAL + signal.SIGXFSZ:
        return Cause.FILE_TOO_LARGE
    if ending.requested:
        return Cause.KILLED
    if ending.sandbox_ending:
        return Cause.SANDBOX_STOPPED
    return Cause.EXITED if ending.signal is None else Cause.SIGNALLED

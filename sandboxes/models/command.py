"""A command: one process tree in a sandbox, with its cause of ending."""

from __future__ import annotations

import signal
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandboxes.models.command_line import as_typed
from sandboxes.models.sandbox import Sandbox, SandboxSession
from vibe.ids import new_id

OBEYING = timedelta(seconds=10)


class Command(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        FINISHED = "finished", "finished"

    class Cause(models.TextChoices):
        NONE = "", "–"
        EXITED = "exited", "exited"
        SIGNALLED = "signalled", "ended by a signal"
        TIMED_OUT = "timed_out", "timed out"
        OUT_OF_MEMORY = "out_of_memory", "out of memory"
        DISK_FULL = "disk_full", "disk full"
        OWNER_DISK_FULL = "owner_full", "owner's disk space used up"
        MACHINE_FULL = "machine_full", "the machine's disk nearly full"
        PROCESS_LIMIT = "process_limit", "too many processes"
        OUTPUT_LIMIT = "output_limit", "too much output"
        FILE_TOO_LARGE = "file_too_large", "file too large"
        KILLED = "killed", "stopped by a user"
        SANDBOX_STOPPED = "sandbox_stopped", "the sandbox was stopped"
        START_FAILED = "start_failed", "could not start"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "cmd_"), editable=False
    )
    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="commands")
    session = models.ForeignKey(SandboxSession, on_delete=models.CASCADE, related_name="commands")
    executable = models.TextField()
    args: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    cwd = models.TextField(blank=True)
    env: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True
    )
    sudo = models.BooleanField(default=False, help_text="Run as root of the sandbox.")
    background = models.BooleanField(default=False)
    stdin = models.BooleanField(default=False, help_text="It reads what is written to it.")
    # All its streams are one pseudo-terminal.
    tty = models.BooleanField(default=False, editable=False)
    timeout = models.FloatField(default=0, help_text="Seconds; 0 means no limit.")
    timeout_grace = models.FloatField(
        default=5.0, help_text="Seconds that it has between TERM and KILL when its time is over."
    )
    # A limit that somebody has asked for is one for everything that the command starts; the
    # platform's own is there to end what hangs.
    timeout_for_left = models.BooleanField(
        default=False, help_text="The time limit is also for what it leaves running."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    cause = models.CharField(max_length=16, choices=Cause, default=Cause.NONE, blank=True)
    exit_code = models.IntegerField(null=True, blank=True)
    signal = models.IntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    pid = models.IntegerField(null=True, blank=True)
    sent_signal = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The last one that somebody has sent to it."
    )
    signal_sent_at = models.DateTimeField(null=True, blank=True)
    left_processes = models.PositiveIntegerField(
        default=0, help_text="Processes that it started and that run on after its end."
    )
    ran_at_end = models.BooleanField(
        default=False,
        editable=False,
        help_text="A server that ran when its session ended: it comes back with the sandbox.",
    )
    # {"host", "port", "reason", "at"}, each once; services.refused_hosts writes it.
    refused: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    log_size = models.BigIntegerField(default=0)
    line_count = models.BigIntegerField(default=0)
    dropped_bytes = models.BigIntegerField(default=0)
    log_removed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its output was removed to make room."
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    # Empty where the platform itself asked: a source that is fetched, a command of an old row.
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["sandbox", "created_at"], name="command_by_sandbox_and_time"),
            models.Index(
                fields=["session"],
                condition=models.Q(left_processes__gt=0),
                name="command_that_left_processes",
            ),
            # Also what one owner has running, whatever the number of those that have ended.
            models.Index(fields=["status", "sandbox"], name="command_by_status_and_sandbox"),
        ]

    def __str__(self) -> str:
        return self.line

    @property
    def line(self) -> str:
        """The command as one would type it."""
        return as_typed(self.executable, self.args)

    @property
    def is_finished(self) -> bool:
        return self.status == self.Status.FINISHED

    @property
    def has_something_running(self) -> bool:
        """Itself, or what it has left behind."""
        return not self.is_finished or self.left_processes > 0

    @property
    def is_being_killed(self) -> bool:
        """Whether somebody has asked for its end, so that whatever ends it now is not the cause."""
        if self.stop_requested_at is not None or self.sent_signal == signal.SIGKILL:
            return True
        # A program may live on after a TERM; then it is no reason for its end any more.
        sent = self.signal_sent_at if self.sent_signal == signal.SIGTERM else None
        return sent is not None and timezone.now() - sent < OBEYING

    @property
    def succeeded(self) -> bool:
        return self.cause == self.Cause.EXITED and self.exit_code == 0

    @property
    def tone(self) -> str:
        """The colour of how it stands, by its name in the style sheets."""
        if not self.is_finished:
            return "running"
        if self.succeeded:
            return "success"
        # Somebody ended it on purpose: that is no failure.
        on_purpose = self.cause in (self.Cause.KILLED, self.Cause.SANDBOX_STOPPED)
        return "quiet" if on_purpose else "danger"

    @property
    def duration(self) -> float | None:
        """Seconds it ran, up to now while it runs; None before its start."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def own_outcome(self) -> str:
        """The same for whoever has run it, and may have stopped it as well."""
        by_oneself = self.stopped_by_id is not None and self.stopped_by_id == self.started_by_id
        if by_oneself and self.cause == self.Cause.KILLED:
            return self.outcome.replace(str(self.Cause.KILLED.label), "stopped by you")
        return self.outcome

    @property
    def outcome(self) -> str:
        """How it stands or ended, in a few plain words."""
        match self.cause:
            case self.Cause.NONE:
                return self.get_status_display()
            case self.Cause.EXITED:
                return f"exit {self.exit_code}"
            case self.Cause.SIGNALLED:
                return f"ended by {signal_name(self.signal)}"
            case self.Cause.TIMED_OUT:
                return f"timed out after {self.timeout:g} s"
            case self.Cause.KILLED if self.sent_signal and self.stop_requested_at is None:
                return f"{self.get_cause_display()} ({signal_name(self.sent_signal)})"
            case _:
                return self.get_cause_display()


def signal_name(number: int | None) -> str:
    try:
        return signal.Signals(number or 0).name
    except ValueError:
        return f"signal {number}"

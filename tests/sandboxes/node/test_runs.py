"""What the worker records of a command's start and end."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes.engine import CommandExit
from sandboxes.models import Command
from sandboxes.node import runs
from sandboxes.services import commands
from tests.fixtures.rows import make_command, make_sandbox

START = runs.Start(timezone.now(), 7)
KILLED, STOPPED = Command.Cause.KILLED, Command.Cause.SANDBOX_STOPPED


@pytest.fixture
def command(owner) -> Command:
    return make_command(make_sandbox(owner))


def end(command: Command, ending: CommandExit | None, **options: object) -> Command:
    ended = runs.finished(command.id, ending, 0, 0, start=START, **options)
    assert ended is not None
    return ended


def test_an_end_that_was_recorded_before_the_start_is_nobodys_wish(command):
    end(command, CommandExit(0, None, left=1))
    assert runs.running(command, START) is True


def test_a_start_after_somebody_has_asked_for_the_end_says_so(command, owner):
    commands.stop(command, by=owner)
    assert runs.running(command, START) is False


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        (CommandExit(0, None, requested=True), KILLED),
        (CommandExit(None, signal.SIGTERM, requested=True), KILLED),
        (CommandExit(None, signal.SIGTERM), Command.Cause.SIGNALLED),
        (CommandExit(None, signal.SIGTERM, sandbox_ending=True), STOPPED),
        (CommandExit(0, None, sandbox_ending=True), STOPPED),
        (CommandExit(None, signal.SIGKILL, timed_out=True, requested=True), "timed_out"),
        (None, STOPPED),
    ],
)
def test_the_cause_is_what_the_agent_saw(command, ending, cause):
    assert end(command, ending).cause == cause


@pytest.mark.parametrize(
    ("sent", "ago", "cause"),
    [
        (signal.SIGKILL, 60, KILLED),
        (signal.SIGTERM, 1, KILLED),
        (signal.SIGTERM, 60, STOPPED),
        (signal.SIGUSR1, 1, STOPPED),
    ],
)
@pytest.mark.parametrize("record", ["finished", "failed"])
def test_a_sandbox_that_ends_is_not_the_cause_for_what_was_killed(
    command, owner, record, sent, ago, cause
):
    at = timezone.now() - timedelta(seconds=ago)
    Command.objects.filter(pk=command.pk).update(
        status="running", sent_signal=sent, signal_sent_at=at, stopped_by=owner
    )
    if record == "finished":
        end(command, None)
    else:
        runs.failed(command.id, STOPPED, "")
    command.refresh_from_db()
    assert (command.cause, command.signal) == (cause, sent if cause == KILLED else None)


def test_what_cannot_be_killed_is_told(command):
    ended = end(command, CommandExit(None, 9, timed_out=True, left=2))
    assert ended.left_processes == 2 and "2 of its processes do not end" in ended.error


def test_nothing_is_left_in_a_sandbox_that_has_ended(command):
    type(command.session).objects.filter(pk=command.session_id).update(status="stopped")
    assert end(command, CommandExit(0, None, left=3)).left_processes == 0

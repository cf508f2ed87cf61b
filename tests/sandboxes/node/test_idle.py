"""The idle rule: what nobody uses is stopped, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes.models import Command, Sandbox, SandboxSession, Snapshot
from sandboxes.node.idle import stop_idle
from sandboxes.services import activity
from tests.fixtures.rows import make_command, make_sandbox

LONG_AGO = timedelta(hours=2)


@pytest.fixture
def idle(alice, settings) -> Sandbox:
    """A sandbox that nobody has used for two hours."""
    settings.SANDBOX_IDLE = 1800
    sandbox = make_sandbox(alice)
    SandboxSession.objects.update(started_at=timezone.now() - LONG_AGO)
    return sandbox


def stopped() -> list[str]:
    return [session.sandbox.name for session in stop_idle()]


def test_what_nobody_uses_is_stopped(idle):
    assert stopped() == [idle.name]
    session = SandboxSession.objects.get(pk=idle.session_id)
    assert (session.status, session.stop_reason) == ("stopping", "idle")


def test_a_running_command_is_activity(idle):
    make_command(idle, status=Command.Status.RUNNING)
    assert stopped() == []


def test_a_shell_that_only_waits_is_none(idle):
    make_command(idle, status=Command.Status.RUNNING, tty=True)
    assert stopped() == [idle.name]


def test_a_command_that_has_just_ended_is_activity(idle):
    make_command(idle, status=Command.Status.FINISHED, finished_at=timezone.now())
    assert stopped() == []


def test_a_touch_is_activity(idle):
    activity.touch(idle.session_id)
    assert stopped() == []


def test_a_snapshot_on_its_way_is_waited_for(idle):
    Snapshot.objects.create(
        owner=idle.owner, sandbox=idle, session=idle.session, node=idle.session.node
    )
    assert stopped() == []


def test_a_sandbox_may_be_exempt(idle):
    Sandbox.objects.update(idle_timeout=0)
    assert stopped() == []


def test_the_rule_can_be_switched_off(idle, settings):
    settings.SANDBOX_IDLE = 0
    assert stopped() == []


def test_touches_are_written_once_in_a_while(idle, django_assert_num_queries):
    with django_assert_num_queries(2):
        activity.touch(idle.session_id)
        activity.touch(idle.session_id)


@pytest.mark.sandbox
def test_reading_a_file_is_activity(sandbox):
    from sandboxes.services import files

    files.list_files(sandbox)
    assert SandboxSession.objects.get(pk=sandbox.session_id).active_at is not None

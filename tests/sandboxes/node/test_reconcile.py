"""After a crash the rows say what really runs, and what runs is known."""

from __future__ import annotations

import os
import signal

import pytest

from sandboxes.engine import processes
from sandboxes.host import handles
from sandboxes.models import Sandbox, SandboxSession
from sandboxes.node import reconcile
from sandboxes.services import readiness
from sandboxes.worker import supervisor
from tests.fixtures.observed import until_status
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox


def test_a_sandbox_of_another_boot_ended_with_the_machine(sandbox):
    handle = handles.handle_of(sandbox.session)
    other = {**sandbox.session.handle, "boot_id": "another boot"}
    SandboxSession.objects.filter(pk=sandbox.session_id).update(handle=other)
    try:
        assert reconcile.reconcile_node() == []
        sandbox.refresh_from_db()
        assert (sandbox.status, sandbox.session.stop_reason) == ("stopped", "host_restarted")
    finally:
        os.kill(handle.pid, signal.SIGKILL)


def test_a_process_that_only_has_the_same_number_is_not_taken_for_the_sandbox(sandbox):
    pid = sandbox.session.handle["pid"]
    other = {**sandbox.session.handle, "pid": os.getpid()}
    SandboxSession.objects.filter(pk=sandbox.session_id).update(handle=other)
    try:
        assert reconcile.reconcile_node() == []
        sandbox.refresh_from_db()
        assert sandbox.status == Sandbox.Status.STOPPED
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_sandbox_that_lives_is_kept(sandbox):
    assert [session.pk for session in reconcile.reconcile_node()] == [sandbox.session_id]
    sandbox.refresh_from_db()
    assert sandbox.status == Sandbox.Status.RUNNING


def test_a_sandbox_that_was_started_and_not_recorded_is_ended_and_started_anew(sandbox):
    """As if the worker had died between the start of the process and the writing of the row."""
    looking = supervisor()  # the worker that died would not notice the end of the process
    until(lambda: sandbox.session_id in looking.watches.ids(), "that it is watched")
    looking.loop.soon(lambda: looking.watches.look_away(sandbox.session_id))
    first = handles.handle_of(sandbox.session)
    SandboxSession.objects.filter(pk=sandbox.session_id).update(status="pending", handle={})
    Sandbox.objects.filter(pk=sandbox.pk).update(status="pending")
    reconcile.reconcile_node()
    readiness.wait_until_running(sandbox)
    second = handles.handle_of(SandboxSession.objects.get(pk=sandbox.session_id))
    assert second != first
    # Its agent has hung up before the second started; the process itself may take a moment more.
    until(lambda: processes.started_at(first.pid) != first.pid_started, "that the first is gone")
    assert processes.is_same(second.pid, second.pid_started, second.boot_id)


def test_a_stop_that_was_asked_for_is_done(sandbox):
    SandboxSession.objects.filter(pk=sandbox.session_id).update(
        status="stopping", stop_reason="user"
    )
    reconcile.reconcile_node()
    until_status(sandbox, Sandbox.Status.STOPPED)
    assert sandbox.session.stop_reason == "user"

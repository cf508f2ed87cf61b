"""What programs left in /tmp stays with a sandbox, as its other files do."""

from __future__ import annotations

import pytest

from sandboxes.models import Command, Sandbox
from sandboxes.services import (
    commands,
    configuration,
    creating,
    forks,
    lifecycle,
    readiness,
    snapshots,
)
from tests.fixtures.observed import made, run, until_status
from tests.fixtures.waiting import PATIENCE

pytestmark = pytest.mark.sandbox

LEAVE = "echo kept > /tmp/f; mkdir -m 700 /tmp/d; mkfifo /tmp/p; chmod 1777 /tmp/d"
CHECK = "test $(cat /tmp/f) = kept -a -k /tmp/d -a -p /tmp/p && rm /tmp/f && test -k /tmp"


def started_again(sandbox: Sandbox) -> Sandbox:
    lifecycle.stop(sandbox)
    until_status(sandbox, Sandbox.Status.STOPPED)
    lifecycle.resume(sandbox)
    return readiness.wait_until_running(sandbox, PATIENCE)


def test_it_is_there_after_a_stop(sandbox):
    run(sandbox, LEAVE)
    run(started_again(sandbox), CHECK)


def test_it_is_in_snapshots_and_copies(sandbox):
    run(sandbox, LEAVE)
    snapshot = made(sandbox)
    run(readiness.wait_until_running(forks.fork(sandbox), PATIENCE), CHECK)
    run(sandbox, "rm -r /tmp/f /tmp/d /tmp/p")
    snapshots.restore(sandbox, snapshot)
    run(readiness.wait_until_running(sandbox, PATIENCE), CHECK)


def test_it_is_new_each_time_where_nothing_is_kept(sandbox):
    configuration.apply(sandbox, persistent=False)
    run(sandbox, LEAVE)
    run(started_again(sandbox), "test $(ls -A /tmp | wc -l) = 0")


def test_it_counts_as_what_a_sandbox_holds(monkeypatch, owner, sandbox_worker):
    from sandboxes.node.supervision import limits as watch

    for name, value in (("TICK_SECONDS", 0.1), ("SOONEST_SECONDS", 0.1), ("BUSY", 10.0)):
        monkeypatch.setattr(watch, name, value)
    wanted = creating.create_sandbox(owner, limits={"disk_mb": 32})
    sandbox = readiness.wait_until_running(wanted, PATIENCE)
    fill = "for i in $(seq 1 100); do head -c 1M /dev/zero > /tmp/f$i; sleep 0.05; done; sleep 60"
    ended = commands.wait(commands.run(sandbox, "bash", ["-c", fill]), PATIENCE)
    assert ended.cause == Command.Cause.DISK_FULL

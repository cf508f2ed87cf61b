"""What running sandboxes write is held to the owner's total and the disk's reserve."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings as live

from sandboxes.models import Command, Sandbox, SandboxEvent
from sandboxes.node.supervision.counting import DiskUse
from sandboxes.services import commands, creating, readiness
from tests.fixtures.rows import make_sandbox
from tests.fixtures.waiting import until

MB = 1 << 20
FILL = "for i in $(seq 1 200); do head -c 1M /dev/zero > f$i; sleep 0.05; done; sleep 60"


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Disk space is counted as often as one looks."""
    from sandboxes.node.supervision import limits as watch

    monkeypatch.setattr(watch, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(watch, "SOONEST_SECONDS", 0.1)
    monkeypatch.setattr(watch, "BUSY", 10.0)


@pytest.mark.sandbox
def test_what_grows_is_ended_when_its_owner_has_too_much(
    impatient, owner, sandbox_worker, settings
):
    settings.DISK_PER_USER_MB = 100
    make_sandbox(owner, "hoard", status="stopped", disk_bytes=90 * MB)
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    command = commands.wait(commands.run(sandbox, "bash", ["-c", FILL]), 40)
    assert command.cause == Command.Cause.OWNER_DISK_FULL
    assert "hold more than the 100 MB allowed" in command.error
    kind = SandboxEvent.Kind.LIMIT
    assert SandboxEvent.objects.filter(sandbox=sandbox, kind=kind, text=command.error).exists()


@pytest.mark.sandbox
def test_a_sandbox_that_writes_nothing_goes_on_though_its_owner_has_too_much(
    impatient, owner, sandbox_worker, settings
):
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    settings.DISK_PER_USER_MB = 100
    make_sandbox(owner, "hoard", status="stopped", disk_bytes=200 * MB)
    command = commands.run(sandbox, "bash", ["-c", "sleep 2; rm -f nothing; echo done"])
    assert commands.wait(command, 20).outcome == "exit 0"


@pytest.mark.sandbox
def test_below_the_reserve_the_fastest_is_ended_and_the_others_go_on(
    impatient, owner, sandbox_worker, settings
):
    fast, calm = (readiness.wait_until_running(creating.create_sandbox(owner)) for _ in range(2))
    slow = commands.run(calm, "bash", ["-c", "for i in 1 2 3 4; do echo $i > f; sleep 1; done"])
    filling = commands.run(fast, "bash", ["-c", FILL])
    until(lambda: Sandbox.objects.get(pk=fast.pk).disk_bytes > 2 * MB, "a first count")
    free = shutil.disk_usage(live.DATA_DIR).free
    settings.DISK_RESERVE_MB = (free >> 20) + 1000
    ended = commands.wait(filling, 40)
    assert ended.cause == Command.Cause.MACHINE_FULL
    assert "ask the operator" in ended.error
    assert commands.wait(slow, 20).outcome == "exit 0"


def test_the_first_count_is_no_growth():
    use = DiskUse()
    assert not use.grown_to(50 * MB, 10.0).is_noticeable
    use.counted(50 * MB, 10.0, 0)
    growth = use.grown_to(52 * MB, 12.0)
    assert growth.is_noticeable and growth.rate == MB
    assert not use.grown_to(40 * MB, 12.0).is_noticeable

"""What only waits to be used falls asleep, and any use wakes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes import engine
from sandboxes.host import handles
from sandboxes.models import Command, Sandbox, SandboxEvent, SandboxSession
from sandboxes.node import sleep
from sandboxes.services import activity, commands, files, ports
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox


@pytest.fixture
def served(sandbox, settings, monkeypatch) -> Sandbox:
    """A sandbox whose server listens and that nobody has used for an hour."""
    settings.SANDBOX_SLEEP = 300
    monkeypatch.setattr(sleep, "LOOKED_AT", 0.0)
    commands.run(sandbox, "python3", ["-m", "http.server", "3000"], background=True)
    until(lambda: 3000 in ports.listening(sandbox))
    handle = handles.handle_of(sandbox.session)
    if handle is None or not engine.sleep.available(handle.cgroup):
        pytest.skip("no freezer among the control groups here")
    rest(sandbox)
    return sandbox


def rest(sandbox: Sandbox) -> None:
    """As if all that happened so far had happened an hour ago."""
    ago = timezone.now() - timedelta(hours=1)
    activity._noted.clear()
    sleep._seen.clear()
    SandboxSession.objects.filter(pk=sandbox.session_id).update(active_at=ago, started_at=ago)
    rows = Command.objects.filter(session=sandbox.session_id)
    rows.filter(started_at__isnull=False).update(started_at=ago)
    rows.filter(finished_at__isnull=False).update(finished_at=ago)


def asleep() -> list[str]:
    """Who sleeps after being looked at twice."""
    sleep.fall_asleep()
    sleep.fall_asleep()
    return [one.sandbox.name for one in SandboxSession.objects.exclude(asleep_since=None)]


def stands_still(sandbox: Sandbox) -> bool:
    handle = handles.handle_of(SandboxSession.objects.get(pk=sandbox.session_id))
    assert handle is not None
    return engine.sleep.is_on(handle.cgroup)


def processor_seconds(sandbox: Sandbox) -> float:
    handle = handles.handle_of(sandbox.session)
    assert handle is not None
    used = engine.limits.usage(handle.cgroup)
    assert used is not None
    return used[0]


def told(sandbox: Sandbox) -> list[str]:
    rows = SandboxEvent.objects.filter(sandbox=sandbox, text__regex="asleep|Woke")
    return list(rows.order_by("created_at", "id").values_list("text", flat=True))


def test_a_server_that_nobody_uses_falls_asleep_and_a_command_wakes_it(served):
    assert asleep() == [served.name]
    assert stands_still(served)
    command = commands.run(served, "true")
    assert commands.wait(command, 20).exit_code == 0
    assert not stands_still(served)
    assert told(served) == ["Fell asleep: nobody used it. Any use wakes it.", "Woke up."]


def test_a_change_of_a_file_wakes_it(served):
    asleep()
    activity._noted.clear()
    files.write_file(served, "index.html", [b"new"])
    assert not stands_still(served)
    assert asleep() == []


def test_one_that_was_just_used_stays_awake(served):
    activity.touch(served.session_id)
    assert asleep() == []


def test_one_in_which_more_than_servers_runs_stays_awake(served):
    command = commands.run(served, "sleep", ["60"])
    until(lambda: Command.objects.filter(pk=command.pk, status="running").exists())
    rest(served)
    assert asleep() == []


def test_one_that_is_at_work_stays_awake(served, monkeypatch):
    monkeypatch.setattr(sleep, "BUSY", 0.005)  # the machine of the tests may be busy itself
    busy = commands.run(served, "sh", ["-c", "while :; do :; done"], background=True)
    until(lambda: Command.objects.filter(pk=busy.pk, status="running").exists())
    rest(served)
    sleep.fall_asleep()
    before = processor_seconds(served)
    until(lambda: processor_seconds(served) > before + 0.5)
    sleep.fall_asleep()
    assert not stands_still(served)


def test_it_is_awake_before_its_time_is_over(served):
    assert asleep() == [served.name]
    soon = timezone.now() + timedelta(seconds=20)
    SandboxSession.objects.filter(pk=served.session_id).update(expires_at=soon)
    assert asleep() == []
    assert not stands_still(served)


def test_what_the_engine_has_woken_for_a_call_of_its_own_is_said_to_be_awake(served):
    asleep()
    handle = handles.handle_of(served.session)
    handles.agent_of(handle).connect(3000).close()
    sleep.fall_asleep()
    assert told(served)[-1] == "Woke up."

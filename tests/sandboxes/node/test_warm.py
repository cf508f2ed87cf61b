"""Sandboxes that were started ahead: handed over, refilled, seen by nobody, never left over."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict

import pytest

from sandboxes.engine import ExecSpec, Level, SandboxGone, SandboxHandle
from sandboxes.host import handles, isolation, shares
from sandboxes.models import Sandbox, SandboxSession, WarmSandbox
from sandboxes.node import leftovers, reconcile, sessions, warm
from sandboxes.services import creating, finding, lifecycle, network, readiness
from sandboxes.worker import supervisor
from tests.fixtures.observed import until_status
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import readable

pytestmark = [pytest.mark.sandbox, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def waiting(transactional_db, settings):
    """One sandbox that waits; whatever still does at the end is ended."""
    if isolation.current().level != warm.LEVEL:
        pytest.skip("sandboxes are started ahead at the full level only")
    settings.WARM_SANDBOXES = 1
    warm.fill()
    yield WarmSandbox.objects.get()
    warm.end_all()
    assert not WarmSandbox.objects.exists()


def handle_of(row: WarmSandbox) -> SandboxHandle:
    return SandboxHandle(**row.handle)


def output(sandbox: Sandbox, *argv: str) -> str:
    handle = handles.handle_of(sandbox.session)
    with handles.agent_of(handle).exec(ExecSpec("look", list(argv))) as command:
        assert readable(command.connection, 20), "the command has not ended"
        text = b""
        with suppress(BlockingIOError):
            text = os.read(command.stdout, 65536)
        agent = handles.agent_of(handle)
    agent.release("look")
    return text.decode()


def stopped(sandbox: Sandbox) -> Sandbox:
    lifecycle.stop(sandbox)
    until_status(sandbox, Sandbox.Status.STOPPED)
    return sandbox


def left_of(row: WarmSandbox) -> list[str]:
    """What of it can still be found on this machine."""
    handle = handle_of(row)
    found = [str(path) for path in shares.warm_root_of(row.name).parent.glob(f"*{row.name}*")]
    found += [str(path) for path in sessions.settings.RUN_DIR.glob(f"*{row.name}*")]
    if handles.engine_of(handle).alive(handle):
        found.append("its first process")
    if row.name in str(asdict(handle)["cgroup"]) and _group_exists(handle.cgroup):
        found.append("its control group")
    return found


def _group_exists(cgroup: str) -> bool:
    from sandboxes.engine import limits

    return any(directory.exists() for directory in limits.directories_of(cgroup))


def created(owner, **wishes) -> Sandbox:
    return readiness.wait_until_running(creating.create_sandbox(owner, **wishes))


def test_who_creates_a_sandbox_gets_the_one_that_waits(owner, sandbox_worker, waiting):
    sandbox = created(owner, name="mine", ports=[3000], env={"COLOUR": "green"}, timeout=300)
    handle = handles.handle_of(sandbox.session)
    assert handle.pid == handle_of(waiting).pid
    assert sandbox.number == waiting.number
    assert output(sandbox, "sh", "-c", "echo $COLOUR $HOME") == "green /home/vercel-sandbox\n"
    seconds = handles.agent_of(handle).ping()["seconds_left"]
    assert 200 < seconds <= 300


def test_it_has_the_limits_that_were_asked_for(owner, sandbox_worker, waiting):
    sandbox = created(owner, limits={"open_files": 100, "processes": 40})
    assert handles.handle_of(sandbox.session).pid == handle_of(waiting).pid
    assert output(sandbox, "sh", "-c", "ulimit -n") == "100\n"


def test_it_follows_the_network_policy_that_was_asked_for(owner, sandbox_worker, waiting):
    sandbox = created(owner, network_policy="deny-all")
    assert handles.handle_of(sandbox.session).pid == handle_of(waiting).pid
    assert supervisor().network.serves(sandbox.session_id)
    assert network.policy_of(sandbox).mode == "deny-all"


def test_its_files_lie_where_those_of_the_sandbox_belong(owner, sandbox_worker, waiting):
    sandbox = created(owner)
    output(sandbox, "sh", "-c", "echo kept > note")
    assert (shares.root_of(sandbox) / "workspace/note").read_text() == "kept\n"
    assert not shares.warm_root_of(waiting.name).exists()


def test_a_sandbox_keeps_its_files_and_ids_when_it_starts_again(owner, sandbox_worker):
    sandbox = created(owner)
    output(sandbox, "sh", "-c", "echo kept > note")
    lifecycle.resume(stopped(sandbox))
    again = readiness.wait_until_running(sandbox)
    assert output(again, "cat", "note") == "kept\n"


def test_one_that_does_not_fit_goes_on_waiting(owner, sandbox_worker, waiting):
    sandbox = created(owner, limits={"memory_mb": 128})
    assert handles.handle_of(sandbox.session).pid != handle_of(waiting).pid
    assert WarmSandbox.objects.get().state == WarmSandbox.State.READY


def test_nobody_sees_it_and_it_counts_for_nobody(owner, waiting, settings):
    assert not finding.list_for(owner)
    assert not Sandbox.objects.exists()
    assert not SandboxSession.objects.exists()


def test_one_that_has_died_is_not_handed_over(owner, sandbox_worker, waiting):
    handle = handle_of(waiting)
    handles.engine_of(handle).kill(handle)
    sandbox = created(owner)
    assert output(sandbox, "echo", "works") == "works\n"
    assert not WarmSandbox.objects.exists()
    assert left_of(waiting) == []


def test_one_that_has_died_is_replaced(waiting):
    handle = handle_of(waiting)
    handles.engine_of(handle).kill(handle)
    warm.renew()
    warm.fill()
    assert WarmSandbox.objects.get().pk != waiting.pk


def test_it_is_handed_over_once(waiting):
    handle = handle_of(waiting)
    agent = handles.agent_of(handle)
    agent.adopt({}, [], 60.0)
    with pytest.raises(Exception, match="somebody's sandbox already"):
        agent.adopt({}, [], 60.0)


def test_nothing_is_left_of_it_when_the_platform_stops(waiting):
    reconcile.stop_all()
    assert left_of(waiting) == []


def test_nothing_is_left_of_one_whose_start_nobody_has_recorded(waiting):
    handle = handle_of(waiting)
    WarmSandbox.objects.update(handle={}, state=WarmSandbox.State.STARTING)
    if not handle.cgroup:
        pytest.skip("it ends by its time where there are no control groups")
    warm.end_all()
    assert left_of(waiting) == []


def test_directories_without_a_row_are_removed(waiting):
    stray = shares.warm_root_of("warmstray")
    stray.mkdir(parents=True)
    warm.end_all()
    assert not stray.exists()


def test_what_a_session_has_taken_over_outlives_a_crash_before_that_was_noted(
    owner, sandbox_worker, waiting
):
    sandbox = created(owner)
    # The worker notes it a moment after the start.
    until(lambda: not WarmSandbox.objects.exists())
    WarmSandbox.objects.create(
        name=waiting.name,
        node=waiting.node,
        number=waiting.number,
        state=WarmSandbox.State.TAKEN,
        handle=waiting.handle,
        session_id=sandbox.session_id,
    )
    warm.end_all()
    assert output(sandbox, "echo", "lives") == "lives\n"


def test_what_was_handed_over_but_not_recorded_is_ended(owner, waiting):
    sandbox = creating.create_sandbox(owner)
    session = SandboxSession.objects.select_related("sandbox").get(pk=sandbox.session_id)
    handle = warm.take(session, Level.FULL)
    assert handle is not None
    warm.end_all()
    with pytest.raises(SandboxGone):
        handles.agent_of(handle).ping()
    assert not handles.engine_of(handle).alive(handle)


def test_what_sandboxes_shared_earlier_is_removed_when_none_runs(waiting, settings):
    if not isolation.root_of_its_own():
        pytest.skip("nothing is shared where sandboxes have no root")
    old = settings.DATA_DIR / "shared/skeleton-earlier"
    old.mkdir(parents=True)
    leftovers.prune_shared()
    assert old.exists(), "it may be mounted by the one that waits"
    warm.end_all()
    leftovers.prune_shared()
    assert not old.exists()

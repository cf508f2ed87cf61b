from __future__ import annotations

import pytest

from sandboxes.engine import Level
from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import commands, creating, files, finding, lifecycle, ports, readiness
from tests.fixtures.observed import until_status
from tests.fixtures.waiting import until
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox


def test_a_sandbox_starts_isolated(sandbox):
    assert sandbox.session.isolation == "full"
    assert sandbox.session.expires_at > sandbox.session.started_at


def test_a_stopped_sandbox_says_who_stopped_it(sandbox):
    lifecycle.stop(sandbox)
    until_status(sandbox, Sandbox.Status.STOPPED)
    assert sandbox.session.stop_reason == SandboxSession.StopReason.USER


def test_files_are_there_after_a_resume(sandbox):
    files.write_files(sandbox, [("notes/today.txt", b"kept")])
    lifecycle.stop(sandbox)
    until_status(sandbox, Sandbox.Status.STOPPED)
    lifecycle.resume(sandbox)
    readiness.wait_until_running(sandbox)
    assert files.read_file(sandbox, "notes/today.txt") == b"kept"


def test_resuming_a_running_sandbox_changes_nothing(sandbox):
    assert lifecycle.resume(sandbox) == sandbox.session


def test_time_that_is_over_ends_a_sandbox(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner, timeout=10)
    readiness.wait_until_running(sandbox)
    SandboxSession.objects.filter(pk=sandbox.session_id).update(
        expires_at=sandbox.session.started_at
    )
    from sandboxes.node import sessions

    sessions.extend(sandbox.session_id)  # at least a second, for whoever asks late
    until_status(sandbox, Sandbox.Status.STOPPED)
    assert sandbox.session.stop_reason == SandboxSession.StopReason.EXPIRED


def test_an_extended_sandbox_lives_longer(sandbox):
    before = sandbox.session.expires_at
    assert (lifecycle.extend(sandbox, 600) - before).total_seconds() == 600


def test_a_name_is_taken_once_per_owner(sandbox, owner):
    with pytest.raises(Refusal) as refusal:
        creating.create_sandbox(owner, name=sandbox.name, start=False)
    assert refusal.value.code == "conflict"


def test_the_name_of_a_deleted_sandbox_is_free(owner, sandbox_worker):
    first = creating.create_sandbox(owner, name="demo", start=False)
    lifecycle.delete(first)
    assert creating.create_sandbox(owner, name="demo", start=False).name == "demo"


def test_a_user_may_run_only_so_many(sandbox, owner, settings):
    settings.SANDBOXES_PER_USER = 1
    with pytest.raises(Refusal) as refusal:
        creating.create_sandbox(owner)
    assert refusal.value.code == "limit"


def test_two_sandboxes_listen_on_the_same_port(sandbox, owner):
    other = readiness.wait_until_running(creating.create_sandbox(owner))
    for one in (sandbox, other):
        files.write_files(one, [("index.html", one.name.encode())])
        commands.run(one, "python3", ["-m", "http.server", "3000"], background=True)
    until(lambda: ports.listening(sandbox) == ports.listening(other) == [3000])
    for one in (sandbox, other):
        with ports.connect(one.id, 3000) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
        assert answer.endswith(one.name.encode())


def test_a_lost_sandbox_is_recorded_with_its_commands(sandbox):
    import os
    import signal

    command = commands.run(sandbox, "sleep", ["60"])
    os.kill(sandbox.session.handle["pid"], signal.SIGKILL)
    until_status(sandbox, Sandbox.Status.STOPPED)
    assert sandbox.session.stop_reason == SandboxSession.StopReason.LOST
    assert commands.wait(command, 10).cause == "sandbox_stopped"


def test_nobody_finds_the_sandbox_of_another(sandbox, django_user_model):
    bob = django_user_model.objects.create_user("bob")
    with pytest.raises(Refusal, match="no such sandbox"):
        finding.get_for(bob, sandbox.id)


def test_without_isolation_nothing_starts_before_somebody_agreed(owner, monkeypatch):
    from sandboxes.host import isolation

    monkeypatch.setattr(
        isolation, "probe", lambda: (Level.NONE, "No bubblewrap here.", "Install it.")
    )
    with pytest.raises(Refusal) as refusal:
        creating.create_sandbox(owner)
    assert refusal.value.code == "unavailable"
    assert "Install it." in refusal.value.hint


def test_an_administrator_can_agree_to_run_without_isolation(owner, monkeypatch):
    from sandboxes.host import isolation

    monkeypatch.setattr(
        isolation, "probe", lambda: (Level.NONE, "No bubblewrap here.", "Install it.")
    )
    with pytest.raises(Refusal):
        isolation.consent(owner)
    owner.is_superuser = True
    owner.save()
    isolation.consent(owner)
    state = isolation.current()
    assert (state.level, state.allowed, state.consent_needed) == ("none", True, False)

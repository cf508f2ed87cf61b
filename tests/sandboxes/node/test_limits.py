"""The limits that a sandbox asks for and gets, and how an excess is told."""

from __future__ import annotations

import pytest

from sandboxes.engine import limits as engine_limits
from sandboxes.host import handles
from sandboxes.models import Command, SandboxEvent
from sandboxes.services import commands, configuration, creating, limits, readiness
from tests.fixtures.waiting import until
from vibe.refusal import Refusal


@pytest.fixture
def stopped(owner):
    """A sandbox that has never been started."""
    return creating.create_sandbox(owner, start=False)


def test_without_a_wish_the_defaults_hold(stopped, settings):
    assert limits.effective(stopped) == settings.SANDBOX_LIMITS
    assert limits.of(stopped).memory_bytes == settings.SANDBOX_LIMITS["memory_mb"] << 20


def test_a_wish_takes_the_place_of_the_default(owner):
    sandbox = creating.create_sandbox(owner, limits={"memory_mb": 512, "cpus": 1.5}, start=False)
    assert (limits.of(sandbox).memory_bytes, limits.of(sandbox).cpus) == (512 << 20, 1.5)


@pytest.mark.parametrize("wish", [{"memory_mb": 1}, {"processes": 0}, {"beauty": 5}])
def test_a_wish_that_makes_no_sense_is_refused(owner, wish):
    with pytest.raises(Refusal):
        creating.create_sandbox(owner, limits=wish, start=False)


def test_a_wish_beyond_the_maximum_is_refused_with_the_maximum(owner, settings):
    settings.SANDBOX_LIMITS_MAX = {"memory_mb": 4096}
    with pytest.raises(Refusal) as refused:
        creating.create_sandbox(owner, limits={"memory_mb": 4097}, start=False)
    assert "4 GB of memory" in str(refused.value) and refused.value.code == "limit"
    assert "VIBE_SANDBOX_LIMITS_MAX" in refused.value.hint


def test_any_amount_is_refused_where_there_is_a_maximum(owner, settings):
    settings.SANDBOX_LIMITS_MAX = {"output_mb": 100}
    with pytest.raises(Refusal):
        creating.create_sandbox(owner, limits={"output_mb": 0}, start=False)


def test_a_maximum_that_shrinks_holds_for_sandboxes_that_had_more(owner, settings):
    sandbox = creating.create_sandbox(owner, limits={"memory_mb": 4096}, start=False)
    settings.SANDBOX_LIMITS_MAX = {"memory_mb": 1024}
    assert limits.effective(sandbox)["memory_mb"] == 1024


def test_a_changed_limit_leaves_the_others(owner):
    sandbox = creating.create_sandbox(owner, limits={"memory_mb": 512, "cpus": 1}, start=False)
    configuration.apply(sandbox, limits={"memory_mb": None, "processes": 99})
    assert sandbox.limits == {"cpus": 1, "processes": 99}


def test_limits_are_told_in_words(owner):
    sandbox = creating.create_sandbox(owner, limits={"memory_mb": 1536}, start=False)
    words = limits.in_words(sandbox)
    assert "1.5 GB of memory" in words and "a fair share of the processors" in words


@pytest.mark.sandbox
def test_a_command_sees_the_limits_of_its_sandbox(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner, limits={"open_files": 99, "file_mb": 3})
    readiness.wait_until_running(sandbox)
    command = commands.wait(commands.run(sandbox, "sh", ["-c", "ulimit -n; ulimit -f"]), 20)
    from sandboxes.output import replay

    assert replay.text(command) == "99\n6144\n"


@pytest.mark.sandbox
def test_too_large_a_file_is_the_cause_in_words_and_an_event(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner, limits={"file_mb": 1})
    readiness.wait_until_running(sandbox)
    script = "head -c 3M /dev/zero > f"
    command = commands.wait(commands.run(sandbox, "bash", ["-c", script]), 20)
    assert (command.cause, command.outcome) == (Command.Cause.FILE_TOO_LARGE, "file too large")
    assert "more than 1 MB into one file" in command.error
    event = SandboxEvent.objects.get(sandbox=sandbox, kind=SandboxEvent.Kind.LIMIT)
    assert (event.text, event.data["command"]) == (command.error, command.id)


@pytest.mark.sandbox
def test_a_command_whose_program_was_killed_for_memory_says_so(owner, sandbox_worker):
    if engine_limits.mode() == "rlimit":
        pytest.skip("no writable control groups on this machine")
    sandbox = creating.create_sandbox(owner, limits={"memory_mb": 100})
    readiness.wait_until_running(sandbox)
    hog = "import mmap; m = mmap.mmap(-1, 300 << 20); [m.write(bytes(1 << 20)) for _ in range(300)]"
    command = commands.wait(commands.run(sandbox, "sh", ["-c", f"python3 -c '{hog}'; exit $?"]), 20)
    assert command.cause == Command.Cause.OUT_OF_MEMORY
    assert "100 MB of memory" in command.error


@pytest.mark.sandbox
def test_a_changed_limit_reaches_the_running_sandbox(sandbox):
    if engine_limits.mode() == "rlimit":
        pytest.skip("no writable control groups on this machine")
    configuration.apply(sandbox, limits={"processes": 77})
    handle = handles.handle_of(sandbox.session)
    wanted = str(77 + engine_limits.SPARE_PROCESSES)

    def seen() -> bool:
        files = [d / "pids.max" for d in engine_limits.directories_of(handle.cgroup)]
        return wanted in [file.read_text().strip() for file in files if file.exists()]

    until(seen)


FILL = "for i in $(seq 1 100); do head -c 1M /dev/zero > f$i; sleep 0.02; done; sleep 60"


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Disk space is counted as often as one looks."""
    from sandboxes.node.supervision import limits as watch

    monkeypatch.setattr(watch, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(watch, "SOONEST_SECONDS", 0.1)
    monkeypatch.setattr(watch, "BUSY", 10.0)


@pytest.mark.sandbox
def test_a_command_that_fills_the_disk_is_ended_and_says_so(impatient, owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner, limits={"disk_mb": 16})
    readiness.wait_until_running(sandbox)
    command = commands.wait(commands.run(sandbox, "bash", ["-c", FILL]), 40)
    assert (command.cause, command.outcome) == (Command.Cause.DISK_FULL, "disk full")
    assert "16 MB of files" in command.error
    assert SandboxEvent.objects.filter(sandbox=sandbox, kind=SandboxEvent.Kind.LIMIT).count() == 1
    # And one can clear up.
    cleared = commands.wait(commands.run(sandbox, "bash", ["-c", "rm f*; echo gone"]), 20)
    assert cleared.outcome == "exit 0"


@pytest.mark.sandbox
def test_a_process_beside_the_commands_that_fills_the_disk_ends_the_sandbox(
    impatient, owner, sandbox_worker
):
    sandbox = creating.create_sandbox(owner, limits={"disk_mb": 16})
    readiness.wait_until_running(sandbox)
    script = f"setsid bash -c '{FILL.replace('100', '1000')}' >/dev/null 2>&1 &"
    commands.wait(commands.run(sandbox, "bash", ["-c", script]), 20)

    def ended() -> bool:
        sandbox.refresh_from_db()
        return sandbox.status == "stopped"

    until(ended)
    assert sandbox.session.stop_reason == "disk_full"
    events = SandboxEvent.objects.filter(sandbox=sandbox, kind=SandboxEvent.Kind.LIMIT)
    assert "so the sandbox was stopped" in events.first().text


@pytest.mark.sandbox
def test_a_command_that_prints_without_end_is_ended_and_says_so(owner, sandbox_worker, impatient):
    sandbox = creating.create_sandbox(owner, limits={"output_mb": 1})
    readiness.wait_until_running(sandbox)
    command = commands.wait(commands.run(sandbox, "yes"), 40)
    assert (command.cause, command.outcome) == (Command.Cause.OUTPUT_LIMIT, "too much output")
    assert "more than 1 MB" in command.error


@pytest.mark.sandbox
def test_a_command_that_cannot_start_processes_any_more_says_so(owner, sandbox_worker):
    if engine_limits.mode() == "rlimit":
        pytest.skip("no writable control groups on this machine")
    sandbox = creating.create_sandbox(owner, limits={"processes": 30})
    readiness.wait_until_running(sandbox)
    script = "import subprocess\nwhile True: subprocess.Popen(['sleep', '60'])"
    command = commands.wait(commands.run(sandbox, "python3", ["-c", script]), 40)
    assert (command.cause, command.exit_code) == (Command.Cause.PROCESS_LIMIT, 1)
    assert command.outcome == "too many processes" and "30 processes" in command.error

"""Start and end of sandboxes: time to live, kill, shutdown, what is left on failure."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sandboxes.engine import EngineError, SandboxGone, SandboxHandle, SandboxSpec, levels, limits
from tests.fixtures.waiting import until

LAUNCHER = textwrap.dedent(
    """
    import json, os, sys
    from dataclasses import asdict
    from pathlib import Path
    from sandboxes.engine import ExecSpec, SandboxSpec, levels
    level, name, top, timeout = sys.argv[1:]
    uid = 220000 if os.geteuid() == 0 else None
    engine = levels.of_level(level)
    spec = SandboxSpec(name, Path(top) / "root", Path(top) / "run", uid, timeout=float(timeout))
    handle = engine.start(spec)
    engine.agent(handle).exec(ExecSpec("job", ["sh", "-c", "setsid sleep 500 & exec sleep 501"]))
    print(json.dumps(asdict(handle)))
    """
)


@pytest.fixture
def orphan(top):
    """Start a sandbox from a process that ends; the sandbox is ended after the test."""
    started: list[SandboxHandle] = []

    def run(level: str, timeout: float) -> SandboxHandle:
        (top / "root").mkdir(mode=0o711)
        output = subprocess.run(
            [sys.executable, "-c", LAUNCHER, level, f"t{secrets.token_hex(8)}", top, str(timeout)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
            },
            stdout=subprocess.PIPE,
            timeout=60,
            check=True,
        ).stdout
        started.append(SandboxHandle(**json.loads(output)))
        return started[0]

    yield run
    for handle in started:
        levels.of_level(handle.level).kill(handle)


def test_a_sandbox_outlives_the_process_that_started_it(engine, orphan):
    handle = orphan(engine.level, 60)
    assert engine.alive(handle)
    assert [entry["running"] for entry in engine.agent(handle).commands()] == [True]


def test_a_sandbox_ends_by_itself_when_its_time_is_up(engine, orphan):
    handle = orphan(engine.level, 0.5)
    until(lambda: not engine.alive(handle))
    until(lambda: not limits.members(handle.cgroup))


def test_the_time_to_live_can_be_extended(engine, start):
    box = start(engine, timeout=0.5)
    box.agent.set_deadline(60)
    assert 55 < box.agent.ping()["seconds_left"] <= 60
    box.agent.set_deadline(0)
    assert box.agent.ping()["seconds_left"] is None


def test_kill_ends_everything_and_may_be_repeated(engine, start):
    box = start(engine)
    command = box.begin(
        "sh", "-c", "setsid sh -c 'trap \"\" TERM; echo $$ > pid; sleep 600' & wait"
    )
    with command:
        until(lambda: (box.workspace / "pid").exists())
        before = set(limits.members(box.handle.cgroup))
        engine.kill(box.handle)
        assert not engine.alive(box.handle)
        assert not any(Path(f"/proc/{pid}/exe").exists() for pid in before)
        with pytest.raises(SandboxGone):
            command.exit()
    engine.kill(box.handle)
    assert not Path(box.handle.socket_path).exists()


def test_the_control_group_is_removed_with_its_sandbox(engine, start):
    if limits.mode() == "rlimit":
        pytest.skip("no writable control groups on this machine")
    box = start(engine)
    assert box.handle.pid in limits.members(box.handle.cgroup)
    directories = limits.directories_of(box.handle.cgroup)
    engine.kill(box.handle)
    assert not any(directory.exists() for directory in directories)


def test_shutdown_lets_commands_finish_in_time(box):
    script = "trap 'echo bye > word; exit 0' TERM; echo 1 > ready; while :; do sleep 0.05; done"
    with box.begin("sh", "-c", script):
        until(lambda: (box.workspace / "ready").exists())
        box.agent.shutdown()
        until(lambda: not box.engine.alive(box.handle))
    assert (box.workspace / "word").read_text() == "bye\n"


@pytest.mark.slow
def test_shutdown_does_not_wait_for_what_ignores_it(box):
    with box.begin("sh", "-c", "trap '' TERM; echo 1 > ready; while :; do sleep 1; done"):
        until(lambda: (box.workspace / "ready").exists())
        began = time.monotonic()
        box.agent.shutdown()
        until(lambda: not box.engine.alive(box.handle))
    assert 1.5 < time.monotonic() - began < 10


def test_a_sandbox_that_is_gone_is_said_to_be_gone(box):
    box.engine.kill(box.handle)
    with pytest.raises(SandboxGone):
        box.agent.ping()


@pytest.mark.parametrize("change", ["pid_started", "boot_id"])
def test_another_process_with_the_same_number_is_left_alone(engine, change):
    with subprocess.Popen(["sleep", "60"]) as foreign:
        try:
            from sandboxes.engine import processes

            started = processes.started_at(foreign.pid)
            handle = SandboxHandle(
                engine.level, foreign.pid, started, processes.boot_id(), "/nowhere", None, ""
            )
            wrong = {"pid_started": started + 1, "boot_id": "another boot"}[change]
            stale = dataclasses.replace(handle, **{change: wrong})
            assert engine.alive(handle)
            assert not engine.alive(stale)
            engine.kill(stale)
            assert foreign.poll() is None
        finally:
            foreign.kill()


def test_files_outlive_the_session(engine, start):
    box = start(engine)
    box.shell("echo kept > f; echo kept > ~/g")
    engine.kill(box.handle)
    again = start(engine, root=box.spec.root)
    assert again.shell("cat f ~/g") == "kept\nkept"


def test_a_workspace_that_became_a_link_is_refused(engine, top):
    (top / "root").mkdir(mode=0o711)
    (top / "root/workspace").symlink_to("/etc")
    uid = 210_000 if os.geteuid() == 0 else None
    with pytest.raises(EngineError) as refused:
        engine.start(SandboxSpec("linked", top / "root", top / "run", uid))
    assert "not a directory" in str(refused.value)
    assert list((top / "run").iterdir()) == []


@pytest.mark.parametrize("name", ["", "A", "a/b", "a-b", "x" * 41, ".."])
def test_names_that_could_be_paths_are_refused(name):
    with pytest.raises(ValueError, match="sandbox name"):
        SandboxSpec(name, Path("/nowhere"), Path("/nowhere"))


@pytest.mark.skipif(os.geteuid() != 0, reason="about being root")
def test_nothing_runs_as_root(engine, top):
    with pytest.raises(EngineError, match="must not run as root"):
        engine.start(SandboxSpec("asroot", top / "root", top / "run", uid=None))


def test_the_socket_works_below_a_very_long_path(full, start, top):
    deep = top / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    assert start(full, run_dir=deep / "run").agent.ping()["running"] == 0


def test_only_our_user_may_use_the_socket(box):
    assert os.stat(box.handle.socket_path).st_mode & 0o777 == 0o600
    assert os.stat(box.spec.run_dir).st_mode & 0o777 == 0o700


def test_thirty_sandboxes_live_side_by_side(full, start):
    boxes = [start(full) for _ in range(30)]
    assert [box.shell("echo $PPID") for box in boxes] == ["1"] * 30


def test_a_start_leaves_no_descriptor_and_no_child_behind(full, start):
    start(full)
    before = len(os.listdir("/proc/self/fd"))
    start(full)
    assert len(os.listdir("/proc/self/fd")) == before
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not any("bwrap" in Path(f"/proc/{pid}/comm").read_text() for pid in children)

"""Choosing an engine, and where the platform may be installed."""

from __future__ import annotations

import json
import os
import platform
import shutil
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sandboxes.engine import EngineUnavailable, levels, seccomp
from sandboxes.engine.bubblewrap import binary
from sandboxes.engine.bubblewrap.engine import BubblewrapEngine
from sandboxes.engine.landlock import abi
from sandboxes.engine.selftest import self_test

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def fresh(monkeypatch):
    """The levels are probed anew, before and after the test."""
    probes = (levels._probe_full, levels._probe_reduced, levels._probe_plain)
    for probe in probes:
        probe.cache_clear()
    yield monkeypatch
    for probe in probes:
        probe.cache_clear()


def test_full_isolation_is_chosen_where_it_works(full):
    assert full.level == "full"
    assert levels.choose(allow_unisolated=True).level == "full"


def test_every_level_is_reported_with_a_reason(full):
    reports = levels.report()
    assert [entry.level for entry in reports] == ["full", "reduced", "none"]
    assert reports[0].works and reports[2].works
    assert all(entry.reason for entry in reports)
    assert reports[0].details["limits"] in ("cgroup1", "cgroup2", "rlimit")


def test_without_bubblewrap_the_reduced_level_is_chosen(fresh):
    if problem := abi.problem():
        pytest.skip(problem)
    fresh.setattr(binary, "candidates", list)
    assert levels.choose(allow_unisolated=False).level == "reduced"


@pytest.fixture
def no_landlock(fresh):
    fresh.setattr(abi, "found", lambda: 0)
    return fresh


def test_without_bubblewrap_and_landlock_nothing_is_chosen_unless_allowed(no_landlock):
    no_landlock.setattr(binary, "candidates", list)
    with pytest.raises(EngineUnavailable) as refused:
        levels.choose(allow_unisolated=False)
    assert "not installed" in str(refused.value) and refused.value.hint
    assert levels.choose(allow_unisolated=True).level == "none"


def test_a_bubblewrap_that_does_not_work_is_refused_with_its_own_words(no_landlock, top):
    fake = top / "bwrap"
    fake.write_text(
        "#!/bin/sh\n[ $1 = --version ] && exit\necho 'No permissions to namespace' >&2\n"
    )
    fake.chmod(0o755)
    no_landlock.setattr(binary, "candidates", lambda: [binary.Binary(fake, (top,))])
    with pytest.raises(EngineUnavailable) as refused:
        levels.choose(allow_unisolated=False)
    assert "No permissions to namespace" in str(refused.value) and refused.value.hint


def test_a_bubblewrap_that_isolates_less_is_found_out(no_landlock):
    from sandboxes.engine.bubblewrap import argv

    kept = [option for option in argv.isolation() if option != "--unshare-net"]
    no_landlock.setattr(argv, "isolation", lambda: kept)
    with pytest.raises(EngineUnavailable, match="weaker"):
        levels.choose(allow_unisolated=False)


@pytest.mark.parametrize("found", binary.candidates(), ids=lambda found: str(found.path.parent))
def test_every_bubblewrap_of_this_machine_works(found, top, full):
    self_test(BubblewrapEngine(found), top)


def test_an_unknown_level_is_refused():
    with pytest.raises(EngineUnavailable):
        levels.of_level("perfect")


RUN = textwrap.dedent(
    """
    import json, os, sys, tempfile
    from pathlib import Path
    from sandboxes.engine import levels, limits
    from sandboxes.engine.selftest import self_test
    engine = levels.of_level(sys.argv[1])
    top = Path(sys.argv[2])
    self_test(engine, top)
    print(json.dumps({"uid": os.geteuid(), "limits": limits.mode()}))
    """
)


def copied(target: Path) -> dict[str, str]:
    """An installation of the engine and its bubblewrap in `target`; its environment."""
    target.mkdir(parents=True)
    shutil.copytree(Path(levels.__file__).parent, target / "sandboxes/engine")
    (target / "sandboxes/__init__.py").touch()
    found = binary.candidates()[0]
    for directory in found.directories:
        shutil.copytree(directory, target / directory.name)
    return {"PYTHONPATH": str(target), "PATH": "/usr/bin:/bin"}


def run_copy(env: dict[str, str], level: str, top: Path, **identity: object) -> dict:
    done = subprocess.run(
        ["/usr/bin/python3", "-c", RUN, level, str(top)],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        **identity,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@ROOT
def test_it_works_where_only_root_may_enter(top, full):
    closed = top / "closed"
    closed.mkdir(mode=0o700)
    env = copied(closed / "app")
    (closed / "data").mkdir(mode=0o700)
    assert run_copy(env, "full", closed / "data")["uid"] == 0


@ROOT
def test_without_isolation_a_closed_place_is_refused_with_advice(top):
    from sandboxes.engine import EngineError, SandboxSpec

    closed = top / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EngineError) as refused:
        spec = SandboxSpec("closed", closed / "root", top / "run", 210_000)
        levels.of_level("none").start(spec)
    assert str(closed) in str(refused.value) and "VIBE_DATA_DIR" in refused.value.hint


@ROOT
@pytest.mark.parametrize("level", ["full", "none"])
def test_it_works_for_an_ordinary_user(top, full, level):
    env = copied(top / "app")
    data = top / "data"
    data.mkdir()
    os.chown(data, 230_000, 230_000)
    identity = {"user": 230_000, "group": 230_000, "extra_groups": []}
    seen = run_copy(env, level, data, **identity)
    assert seen["uid"] == 230_000


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_a_program_whose_jumps_stay_inside(machine):
    program = seccomp.program(machine)
    steps = [struct.unpack("=HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    for position, (code, yes, no, _) in enumerate(steps):
        if code & 0x07 == 0x05:
            assert position + 1 + max(yes, no) < len(steps)
    assert steps[-1][0] == seccomp.RETURN


def decide(machine: str, number: int, *arguments: int) -> int:
    """Run the filter as the kernel would."""
    audit, _ = seccomp.ARCHITECTURES[machine]
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    program = seccomp.program(machine)
    position, accumulator = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("=HBBI", program, position * 8)
        position += 1
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == seccomp.RETURN:
            return value
        else:
            holds = accumulator == value if code == seccomp.JUMP_EQUAL else accumulator >= value
            position += yes if holds else no


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_decides_by_number_and_argument(machine):
    _, table = seccomp.ARCHITECTURES[machine]
    for name in seccomp.DENIED:
        number = {**table, **seccomp.SHARED}[name]
        assert decide(machine, number) == seccomp.ERRNO | 1, name
    assert decide(machine, table["socket"], 2) == seccomp.ALLOW
    assert decide(machine, table["socket"], 40) == seccomp.ERRNO | 97
    assert decide(machine, table["ioctl"], 0, 0x5401) == seccomp.ALLOW
    assert decide(machine, table["ioctl"], 0, 0x5412) == seccomp.ERRNO | 1
    assert decide(machine, 0) == seccomp.ALLOW
    assert decide(machine, 231) == seccomp.ALLOW


def test_the_filter_kills_a_foreign_architecture():
    foreign = struct.pack("=IIQ6Q", 0, 0x40000003, 0, *[0] * 6)
    load, jump, kill = (
        struct.unpack_from("=HBBI", seccomp.program("x86_64"), at * 8) for at in range(3)
    )
    assert (load[3], struct.unpack_from("=I", foreign, load[3])[0] != jump[3]) == (4, True)
    assert (jump[1], kill[3]) == (1, seccomp.KILL_PROCESS)


def test_this_machine_has_a_filter():
    assert platform.machine() in seccomp.ARCHITECTURES


def test_the_agent_needs_nothing_but_the_standard_library_and_no_new_syntax():
    import ast

    source = Path(levels.__file__).parent / "agent"
    allowed = set(sys.stdlib_module_names)
    for path in source.glob("*.py"):
        tree = ast.parse(path.read_text(), feature_version=(3, 9))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert {name.name.split(".")[0] for name in node.names} <= allowed
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).split(".")[0] in allowed

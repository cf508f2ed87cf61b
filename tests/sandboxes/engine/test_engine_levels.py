"""Choosing an engine, and where the platform may be installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sandboxes.engine import EngineUnavailable, levels
from sandboxes.engine.bubblewrap import binary
from sandboxes.engine.bubblewrap.engine import BubblewrapEngine
from sandboxes.engine.landlock import abi
from sandboxes.engine.selftest import self_test
from tests.sandboxes.engine.installed import ROOT, copied


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


def test_the_self_test_leaves_nothing_behind_even_of_a_process_that_is_killed(full, top):
    temporary = top / "tmp"
    temporary.mkdir(mode=0o711)
    script = """
        import os
        from sandboxes.engine import levels
        assert levels.choose(allow_unisolated=False).level == "full"
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, list(temporary.iterdir())) == (-9, []), done.stderr

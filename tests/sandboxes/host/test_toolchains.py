"""The operator's settings for programs of sandboxes."""

from __future__ import annotations

import pytest

from sandboxes.engine import Level
from sandboxes.host import isolation, runtimes, toolchains
from vibe.doctor import programs
from vibe.refusal import Refusal


@pytest.fixture(autouse=True)
def read_anew():
    """Both are kept for the life of a process."""
    for kept in (toolchains.mounts, runtimes.found):
        kept.cache_clear()
    yield
    for kept in (toolchains.mounts, runtimes.found):
        kept.cache_clear()


def program(directory, name: str, script: str):
    path = directory / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return directory


@pytest.fixture
def tools(settings, tmp_path):
    """A toolchain with a node that says its version, and a python3 that does not run."""
    place = tmp_path / "tools"  # that of the test is closed to others
    program(place, "node", "echo v99.1.0")
    program(place, "python3", "echo version 3.99 is not installed >&2; exit 127")
    settings.SANDBOX_TOOLCHAINS = [f"{place}:/opt/tools"]
    return place


@pytest.fixture
def full(transactional_db):
    if not isolation.current().level.mounts:
        pytest.skip("toolchains are mounted at the full level only")


def test_its_programs_come_first_on_the_path(tools):
    assert toolchains.variables(Level.FULL)["PATH"].startswith("/opt/tools/bin:/home/")


@pytest.mark.parametrize("text", ["/nowhere-7d1:/opt/x", "relative:/opt/x", "/usr:/usr", "/usr:/"])
def test_what_cannot_be_mounted_is_refused_with_the_reason(settings, text):
    settings.SANDBOX_TOOLCHAINS = [text]
    with pytest.raises(Refusal, match="cannot be mounted"):
        toolchains.mounts()


def test_a_root_without_usr_is_refused(settings, tmp_path):
    settings.SANDBOX_ROOT = tmp_path
    with pytest.raises(Refusal, match="no root file system"):
        toolchains.system()


@pytest.mark.sandbox
def test_a_runtime_is_offered_that_only_sandboxes_have(full, tools):
    assert "node99" in runtimes.found()


@pytest.mark.sandbox
def test_the_doctor_lists_what_is_found_inside_and_whether_it_runs(full, tools, settings):
    findings = {finding.name: finding for finding in programs.runtimes()}
    assert findings["node"].detail == "v99.1.0 (/opt/tools/bin/node)"
    assert findings["python3"].broken
    assert "version 3.99 is not installed" in findings["python3"].detail
    assert not list(settings.DATA_DIR.glob(".looking*"))

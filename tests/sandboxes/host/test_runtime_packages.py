"""Runtimes by version: fetched from the registry once, first on PATH of the sandboxes that ask."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from sandboxes.engine.egress.discovery import npm
from sandboxes.host import isolation, runtime_packages, runtimes
from sandboxes.models import Sandbox, SandboxEvent
from sandboxes.services import creating, readiness
from tests.sandboxes.host.indexes import reachable, shell
from vibe.doctor import programs
from vibe.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def full() -> None:
    if not isolation.current().level.mounts:
        pytest.skip("runtimes are mounted at the full level only")


@pytest.fixture
def lacking(monkeypatch) -> None:
    """As on a server that has only an old Node.js."""
    monkeypatch.setattr(runtimes, "found", lambda: ("node18", "python3.11"))


@pytest.fixture
def own_directory(monkeypatch, tmp_path) -> Path:
    place = tmp_path / "runtimes"
    place.mkdir()
    monkeypatch.setattr(runtime_packages, "directory", lambda: place)
    return place


@pytest.fixture
def registry(monkeypatch, tmp_path):
    """registry(script) puts an npm in place that runs it, and has the package `given`."""
    package = tmp_path / "package/bin"
    package.mkdir(parents=True)
    (package / "node").write_text("#!/bin/sh\necho v24.0.0\n")
    (package.parent / "LICENSE").write_text("as it is")
    with tarfile.open(tmp_path / "given.tgz", "w:gz") as tar:
        tar.add(package.parent, "package")

    def registry(script: str) -> None:
        program = tmp_path / "bin/npm"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ngiven={tmp_path}/given.tgz\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return registry


GIVES = 'echo fetched >> "${given%.tgz}.log"; cp "$given" .'


def trusted(monkeypatch, tmp_path: Path) -> None:
    """The package of the registry is the one that was published."""
    digest = runtime_packages._digest(tmp_path / "given.tgz")
    release = runtime_packages.Release("24.0.0", digest, digest)
    monkeypatch.setitem(runtime_packages.RELEASES, "node24", release)


def test_what_is_fetched_is_fetched_once(own_directory, registry, monkeypatch, tmp_path):
    registry(GIVES)
    trusted(monkeypatch, tmp_path)
    runtime_packages.fetch("node24")
    runtime_packages.fetch("node24")
    assert (tmp_path / "given.log").read_text() == "fetched\n"
    assert runtime_packages.here() == ("node24",)
    assert sorted(path.name for path in own_directory.glob("*")) == [".lock", "node24-24.0.0"]


def test_a_package_with_another_digest_is_refused(own_directory, registry):
    registry(GIVES)
    with pytest.raises(Refusal, match="not the one that was published"):
        runtime_packages.fetch("node24")
    assert runtime_packages.here() == ()


def test_a_registry_out_of_reach_leaves_nothing_behind(own_directory, registry):
    registry("exit 7")
    with pytest.raises(Refusal, match="could not be fetched from the package registry"):
        runtime_packages.fetch("node24")
    assert [path.name for path in own_directory.iterdir()] == [".lock"]


@pytest.mark.parametrize("name", ["node99", "python3.99", "ruby3"])
def test_an_unknown_runtime_is_refused_with_what_there_is(lacking, name):
    with pytest.raises(Refusal) as refused:
        runtimes.check_runtime(name)
    assert "python3.11" in refused.value.hint and "VIBE_SANDBOX_TOOLCHAINS" in refused.value.hint


def test_without_npm_only_what_is_here_is_offered(lacking, own_directory, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Refusal, match="cannot fetch it"):
        runtimes.check_runtime("node24")
    (own_directory / runtime_packages._folder("node22") / "bin").mkdir(parents=True)
    runtimes.check_runtime("node22")


def test_the_servers_own_version_is_used_where_it_is_the_one(monkeypatch):
    monkeypatch.setattr(runtimes, "found", lambda: ("node24", "python3.11"))
    assert not runtimes.is_to_be_fetched("node24")
    assert runtimes.variables(isolation.current().level, "node24") == {}


def test_a_sandbox_whose_runtime_cannot_be_had_says_why(
    lacking, own_directory, registry, owner, sandbox_worker
):
    registry("exit 7")
    sandbox = creating.create_sandbox(owner, runtime="node24")
    with pytest.raises(Refusal):
        readiness.wait_until_running(sandbox)
    sandbox.refresh_from_db()
    assert sandbox.status == Sandbox.Status.FAILED
    assert "could not be fetched from the package registry" in sandbox.session.error


def test_a_sandbox_has_the_runtime_that_it_asked_for(
    lacking, own_directory, registry, owner, sandbox_worker, monkeypatch, tmp_path
):
    registry(GIVES)
    trusted(monkeypatch, tmp_path)
    own_directory.parent.chmod(0o755)
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner, runtime="node24"))
    script = "node --version; bash -lc 'node --version'; test -w $(command -v node); echo $?"
    assert shell(sandbox, script)[1].split() == ["v24.0.0", "v24.0.0", "1"]
    said = SandboxEvent.objects.filter(sandbox=sandbox).values_list("text", flat=True)
    assert "Fetching node24, once for all sandboxes …" in said and "node24 is here." in said


def test_doctor_lists_what_has_been_fetched(own_directory):
    (own_directory / runtime_packages._folder("node22") / "bin").mkdir(parents=True)
    findings = {finding.name: finding for finding in programs.runtimes()}
    assert "node22" in findings["Fetched runtimes"].detail


@pytest.mark.slow
def test_the_registrys_own_package_runs(lacking, discovered, owner, sandbox_worker):
    reachable(npm.settings().registry, "semver/latest")
    sandbox = creating.create_sandbox(owner, runtime="node24")
    readiness.wait_until_running(sandbox, 120)
    script = "node --version && npm --version && npx --yes semver 1.2.3"
    code, output = shell(sandbox, script)
    assert code == 0, output
    assert output.split()[0] == f"v{runtime_packages.RELEASES['node24'].version}"

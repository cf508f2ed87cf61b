"""The released command line, each command that needs no terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.conftest import run

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]
Cli = Callable[..., str]


@pytest.fixture
def sandbox(node_modules: Path, environment: dict[str, str], tmp_path: Path) -> Cli:
    program = str(node_modules / "node_modules" / ".bin" / "sandbox")
    return lambda *words: run([program, *words], environment, cwd=tmp_path, both=True)


@pytest.fixture
def name(sandbox: Cli, request: pytest.FixtureRequest) -> Iterator[str]:
    name = re.sub(r"[^a-z]", "-", request.node.name)[:40]
    sandbox("create", "--name", name, "--timeout", "5m")
    yield name
    sandbox("rm", name)


def test_a_sandbox_is_made_used_listed_and_removed(sandbox: Cli, tmp_path: Path) -> None:
    assert "from-the-shell" in sandbox("create", "--name", "from-the-shell", "--timeout", "5m")
    assert "hello" in sandbox("exec", "from-the-shell", "echo", "hello")
    (tmp_path / "file").write_bytes(b"\0binary\xff")
    sandbox("cp", "file", "from-the-shell:/vercel/sandbox/there")
    sandbox("cp", "from-the-shell:/vercel/sandbox/there", "back")
    assert (tmp_path / "back").read_bytes() == b"\0binary\xff"
    assert "from-the-shell" in sandbox("ls")
    sandbox("stop", "from-the-shell")
    assert "from-the-shell" in sandbox("ls", "--all")
    sandbox("rm", "from-the-shell")
    assert "from-the-shell" not in sandbox("ls", "--all")
    assert "once" in sandbox("run", "--rm", "--", "echo", "once")


def test_every_setting_can_be_changed(sandbox: Cli, name: str) -> None:
    drive = f"{name}-drive"
    sandbox("drives", "get-or-create", drive)
    for words in (
        ("vcpus", name, "2"), ("timeout", name, "10m"), ("persistent", name, "true"),
        ("region", name, "fra1"), ("failover-regions", name, "iad1"), ("network-id", name, "none"),
        ("network-policy", name, "--network-policy", "deny-all"),
        ("snapshot-expiration", name, "7d"), ("keep-last-snapshots", name, "3"),
        ("keep-last-snapshots-for", name, "7d"), ("delete-evicted-snapshots", name, "true"),
        ("ports", name, "--publish-port", "3000"), ("tags", name, "--tag", "a=b"),
        ("mounts", name, "--mount", f"{drive}:/data"),
    ):  # fmt: skip
        assert "updated" in sandbox("config", *words)
    told = sandbox("config", "list", name)
    assert "fra1" in told and "a=b" in told and "/data" in told
    sandbox("config", "mounts", name)


def test_snapshots_forks_and_sessions_are_listed(sandbox: Cli, name: str) -> None:
    made = re.search(r"snap_\w+", sandbox("snapshot", name, "--stop"))
    assert made is not None
    assert made[0] in sandbox("snapshots", "list")
    assert made[0] in sandbox("snapshots", "get", made[0])
    assert made[0] in sandbox("snapshots", "tree", name)
    assert "sbx_" in sandbox("sessions", "list", name, "--all")
    sandbox("config", "current-snapshot", name, made[0])
    assert f"{name}-fork" in sandbox("fork", name, "--name", f"{name}-fork")
    sandbox("rm", f"{name}-fork")
    sandbox("snapshots", "rm", made[0])


def test_drives_are_made_listed_and_removed(sandbox: Cli) -> None:
    sandbox("drives", "get-or-create", "from-the-shell")
    assert "from-the-shell" in sandbox("drives", "list")
    sandbox("drives", "rm", "from-the-shell")
    assert "from-the-shell" not in sandbox("drives", "list")
    assert "elemetry" in sandbox("telemetry", "status")

"""The released clients of Vercel Sandbox work here with nothing but what `env vercel` prints."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.clients.conftest import HERE, run

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]


@pytest.mark.parametrize("release", ["sb3", "sb2", "sb1"])
def test_a_javascript_program_runs_unchanged(
    release: str, node_modules: Path, environment: dict[str, str]
) -> None:
    program = str(HERE / "javascript.mjs")
    worked = run(["node", program, str(node_modules), release], environment).split()
    assert {"Sandbox.create", "Sandbox#stop", "Snapshot#delete"} <= set(worked)


def test_a_python_program_runs_unchanged(
    python_packages: Path, environment: dict[str, str]
) -> None:
    path = f"{environment['PYTHONPATH']}:{python_packages}"
    program = str(HERE / "python_client.py")
    worked = run([sys.executable, program], {**environment, "PYTHONPATH": path}).split()
    assert {"create_sandbox", "SyncSnapshot.delete"} <= set(worked)


def test_the_command_line_runs_unchanged(
    node_modules: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    cli = str(node_modules / "node_modules" / ".bin" / "sandbox")

    def sandbox(*words: str) -> str:
        return run([cli, *words], environment, cwd=tmp_path)

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

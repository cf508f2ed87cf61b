"""The released command line opens terminals, under a terminal of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.conftest import run
from tests.clients.terminal import Terminal

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]
Open = Callable[..., Terminal]


@pytest.fixture(scope="module")
def cli(node_modules: Path) -> str:
    return str(node_modules / "node_modules" / ".bin" / "sandbox")


@pytest.fixture(scope="module")
def name(cli: str, environment: dict[str, str]) -> Iterator[str]:
    run([cli, "create", "--name", "with-terminal", "--timeout", "10m"], environment)
    yield "with-terminal"
    run([cli, "rm", "with-terminal"], environment)


@pytest.fixture
def opened(cli: str, environment: dict[str, str], tmp_path: Path) -> Iterator[Open]:
    standing: list[Terminal] = []

    def start(*words: str) -> Terminal:
        standing.append(Terminal([cli, *words], environment, tmp_path))
        return standing[-1]

    yield start
    for one in standing:
        one.close()


def test_ssh_shows_a_shell_that_hears_keys(opened: Open, name: str) -> None:
    shell = opened("ssh", name)
    shell.until(b"/vercel/sandbox/")  # the client's prompt
    shell.type("echo typed-$((40+2))\n")
    shell.until(b"typed-42")
    shell.type("exit 5\n")
    assert shell.end() == 5


def test_exec_i_runs_a_program_on_a_terminal(opened: Open, name: str) -> None:
    words = ("sh", "-c", "tty && stty size; read -p 'name: ' n; echo hello $n; exit 4")
    program = opened("exec", "-i", name, *words)
    program.until(b"name: ")
    program.type("Ada\n")
    program.until(b"hello Ada")
    assert program.end() == 4
    assert b"/dev/pts/" in program.output and b"30 100" in program.output


def test_a_program_hears_of_a_new_size(opened: Open, name: str) -> None:
    script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done"
    program = opened("exec", "-i", name, "sh", "-c", script)
    program.until(b"ready")
    program.resize(120, 40)
    program.until(b"40 120")


@pytest.mark.skipif(os.geteuid() != 0, reason="root in sandboxes takes a platform that is root")
def test_exec_i_with_sudo_is_root_on_a_terminal(opened: Open, name: str) -> None:
    program = opened("exec", "-i", "--sudo", name, "sh", "-c", "id -un; tty")
    assert program.end() == 0
    assert b"root" in program.output and b"/dev/pts/" in program.output


def test_create_can_go_on_to_a_shell(opened: Open, cli: str, environment: dict[str, str]) -> None:
    shell = opened("create", "--name", "born-in-a-shell", "--connect")
    shell.until(b"/vercel/sandbox/")
    shell.type("exit\n")
    assert shell.end() == 0
    run([cli, "rm", "born-in-a-shell"], environment)

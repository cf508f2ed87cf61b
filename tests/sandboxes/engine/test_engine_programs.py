"""What the platform adds to PATH, in terminals and where sandboxes have no root."""

from __future__ import annotations

import os

import pytest

from sandboxes.engine import TerminalSize, programs
from sandboxes.engine.spec import FIRST_BASE, PATH, RANGE, USER_ID
from tests.sandboxes.engine.boxes import Box, drain

BASE = FIRST_BASE + (65_100 + os.getpid() % 40) * RANGE


@pytest.fixture(params=["read-only", "own"])
def either(request, full, start) -> Box:
    """A sandbox of level full, with the shared system directories or its own."""
    if request.param == "read-only":
        return start(full)
    if not full.writable:
        pytest.skip(f"no root in sandboxes here: {full.read_only_because}")
    return start(full, base=BASE, uid=BASE + USER_ID)


@pytest.mark.parametrize("options", [[], ["-l"], ["-i"], ["-l", "-i"]])
def test_shells_in_a_terminal_have_the_path_of_the_sandbox(either, options):
    words = ("bash", *options, "-c", "echo =$PATH=; python --version")
    with either.begin(*words, terminal=TerminalSize()) as command:
        said = drain(command.stdout).decode()
    assert f"={PATH}=" in said and "Python 3" in said


def test_a_program_of_the_users_own_comes_before_those_of_the_platform(either):
    script = "mkdir -p ~/.local/bin; printf '#!/bin/sh\\necho mine' > ~/.local/bin/python;"
    assert either.shell(f"{script} chmod +x ~/.local/bin/python; python") == "mine"


def test_what_the_platform_adds_cannot_be_changed_from_inside(either):
    ended, _, _ = either.run("/bin/sh", "-c", 'echo x > "$(dirname "$(command -v uv)")/uv"')
    assert ended.code != 0
    assert "first-use" in (programs.SOURCE / "last/uv").read_text()


def test_every_program_of_the_platform_can_be_read_by_a_shell(either):
    script = 'cd "$(dirname "$(command -v uv)")/.." && for f in first-use first/* last/*; do'
    assert either.shell(f'{script} test -x "$f" && sh -n "$f" || echo "$f"; done') == ""


def test_git_has_its_settings_where_nobody_has_made_any(either):
    if either.run("sh", "-c", "command -v git")[0].code:
        pytest.skip("needs git")
    assert either.shell("git config init.defaultBranch") == "main"


def test_a_new_home_begins_with_the_files_of_its_sandbox(full, start):
    identity = programs.git_identity('A "B" \\ C\n[core]', "a@b.example")
    box = start(full, home_files=identity)
    assert box.shell("stat -c %U ~/.config/git/config") == "vercel-sandbox"
    if box.run("sh", "-c", "command -v git")[0].code == 0:
        assert box.shell("git config user.name") == 'A "B" \\ C[core]'

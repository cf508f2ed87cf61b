"""A command is shown as it was typed, and stopped by whoever stopped it."""

from __future__ import annotations

import pytest

from sandboxes.models import Command
from sandboxes.models.command_line import as_typed


@pytest.mark.parametrize(
    ("program", "arguments", "line"),
    [
        ("bash", ["-lc", "npm ci && npm test"], "npm ci && npm test"),
        ("/bin/sh", ["-c", " ls | wc -l\n"], "ls | wc -l"),
        ("bash", ["-lc", "ls", "name"], "bash -lc ls name"),
        ("bash", ["-lc", " "], "bash -lc ' '"),
        ("bash", ["run.sh"], "bash run.sh"),
        ("python3", ["-c", "print(1)"], "python3 -c 'print(1)'"),
        ("npm", ["run", "a b"], "npm run 'a b'"),
        ("bash", [], "bash"),
    ],
)
def test_the_line_of_a_shell_is_what_it_was_given(program, arguments, line):
    assert as_typed(program, arguments) == line
    assert Command(executable=program, args=arguments).line == line


@pytest.mark.parametrize(
    ("started_by", "stopped_by", "words"),
    [(1, 1, "stopped by you"), (1, 2, "stopped by a user"), (1, None, "stopped by a user"),
     (None, None, "stopped by a user")],
)  # fmt: skip
def test_who_stopped_a_command_reads_of_oneself(started_by, stopped_by, words):
    command = Command(
        status="finished", cause="killed", started_by_id=started_by, stopped_by_id=stopped_by
    )

    assert command.own_outcome == words


def test_a_command_that_one_stopped_too_late_tells_how_it_ended():
    command = Command(
        status="finished", cause="exited", exit_code=0, started_by_id=1, stopped_by_id=1
    )

    assert command.own_outcome == "exit 0"

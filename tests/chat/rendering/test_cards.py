"""A tool call in one line of words."""

from __future__ import annotations

import pytest

from chat.models import Part
from chat.rendering.cards import card
from sandboxes.models import Command


def part(tool: str, state: str = "done", **fields: object) -> Part:
    return Part(kind="tool_call", tool=tool, state=state, **fields)


def command(**fields: object) -> Command:
    return Command(executable="npm", args=["run", "dev"], **fields)


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("streaming", "Creating sandbox"),
        ("running", "Creating sandbox"),
        ("done", "Created sandbox"),
        ("failed", "Could not create sandbox"),
        ("stopped", "Stopped"),
    ],
)
def test_the_verb_changes_with_the_state(state: str, verb: str) -> None:
    assert card(part("create_sandbox", state)).verb == verb


def test_several_files_are_counted_and_their_lines_summed() -> None:
    files = [{"path": "a.py", "added": 3, "removed": 1}, {"path": "b.py", "added": 4}]
    shown = card(part("write_files", result={"files": files}))
    assert (shown.subject, shown.added, shown.removed) == ("2 files", 7, 1)


def test_while_files_are_written_the_last_one_is_in_progress() -> None:
    files = [{"path": "a.py", "content": "1\n2\n"}, {"path": "b.py", "content": ""}]
    shown = card(part("write_files", "running", arguments={"files": files}))
    assert [(view.file.path, view.file.state) for view in shown.files] == [
        ("a.py", "done"),
        ("b.py", "running"),
    ]


@pytest.mark.parametrize("code", [1, 2, 127, 137])
@pytest.mark.parametrize("state", ["failed", "background"])
def test_a_failed_command_tells_its_exit_code_whatever_it_is(state: str, code: int) -> None:
    ended = command(status="finished", cause="exited", exit_code=code)
    shown = card(part("run_command", state, command=ended))
    assert (shown.verb, shown.tone, shown.result) == ("Failed", "danger", f"exit {code}")


def test_a_server_that_crashed_later_is_not_running_in_the_background_any_more() -> None:
    crashed = command(status="finished", cause="exited", exit_code=1)
    shown = card(part("run_command", "background", command=crashed))
    assert (shown.state, shown.verb) == ("failed", "Failed")


def test_a_server_that_was_stopped_on_purpose_has_not_failed() -> None:
    stopped = command(status="finished", cause="killed", signal=15)
    assert card(part("run_command", "background", command=stopped)).state == "stopped"


def test_a_failure_shows_message_and_hint() -> None:
    shown = card(part("read_file", "failed", result={"message": "No such file.", "hint": "List."}))
    assert (shown.error, shown.hint) == ("No such file.", "List.")


@pytest.mark.parametrize("broken", [{"files": "x"}, {"files": [1, {"no": "path"}]}, {"args": 7}])
def test_arguments_of_any_shape_are_survived(broken: dict[str, object]) -> None:
    for tool in ("write_files", "run_command", "read_file", "mystery"):
        assert card(part(tool, "streaming", arguments=broken)).verb


def test_an_edit_shows_its_lines_with_their_signs() -> None:
    files = [{"path": "a.py", "lines": 4, "added": 2, "removed": 1}]
    result = {"files": files, "diff": "@@ -1 +1 @@\n-two\n+2"}
    shown = card(part("edit_file", result=result, arguments={"path": "a.py", "edits": []}))
    assert (shown.verb, shown.subject, shown.added, shown.removed) == ("Edited", "a.py", 2, 1)
    assert shown.files[0].blocks == [("-", "-two"), ("+", "+2")]
    assert shown.unfolds

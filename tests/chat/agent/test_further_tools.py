"""Tools for files, commands and several sandboxes, called by a model over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.fixtures.observed import until_status

pytestmark = pytest.mark.sandbox


@pytest.fixture
def use(llmock, settings, sandbox_worker, say, parts) -> Callable:
    """Let the model call one tool; returns its card and what the model was told."""
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off")

    def call(tool: str, **arguments):
        llmock.call_tool(tool, arguments)
        llmock.reply("Done.")
        turn = say("Go on", model="custom:mock")
        assert (turn.status, turn.error) == ("completed", None)
        card = next(part for part in parts(turn) if part.kind == "tool_call")
        told = json.loads(llmock.last_request.body["messages"][-1]["content"])
        return card, told["error"] if list(told) == ["error"] else told

    return call


@pytest.fixture
def box(use, conversation):
    """The conversation's sandbox; nobody is asked."""
    from chat.services import conversations

    conversations.choose_approval(conversation, "never")
    use("create_sandbox", name="first")
    conversation.refresh_from_db()
    return conversation.sandbox


@pytest.fixture
def content(box) -> Callable:
    from sandboxes.services import files

    return lambda where=box: {
        entry.path: files.read_file(where, entry.path) for entry in files.list_files(where)[0]
        if entry.kind == "file"
    }  # fmt: skip


def write(use, *paths: str, **more) -> None:
    use("write_files", files=[{"path": path, "content": path} for path in paths], **more)


def test_files_are_deleted_and_what_is_left_is_told(use, box, content):
    write(use, "a", "b", "deep/c")

    card, said = use("delete_files", paths=["a", "missing", "deep"])

    assert said["deleted"] == ["a"]
    assert [line.split(":")[0] for line in said["not_deleted"]] == ["missing", "deep"]
    assert (card.state, set(content())) == ("failed", {"b", "deep/c"})


def test_a_folder_is_deleted_whole_only_when_that_is_said(use, box, content):
    write(use, "deep/a", "deep/er/b", "c")

    use("delete_files", paths=["deep"], folders=True)

    assert set(content()) == {"c"}


@pytest.mark.parametrize("path", [".", "/vercel/sandbox", "a/..", "../x", "/etc/passwd"])
def test_the_workspace_itself_and_what_is_outside_is_not_deleted(use, box, content, path):
    write(use, "a")

    card, _ = use("delete_files", paths=["a", path], folders=True)

    assert (card.state, set(content())) == ("failed", {"a"})


def test_a_file_is_renamed_into_a_new_folder_and_not_over_another(use, box, content):
    write(use, "a", "b")

    refused, said = use("rename_file", source="a", target="b")
    moved, _ = use("rename_file", source="a", target="new/a")
    use("rename_file", source="b", target="new/a", overwrite=True)

    assert refused.state == "failed" and "overwrite" in said
    assert (moved.state, content()) == ("done", {"new/a": b"b"})


def test_files_of_a_stopped_sandbox_are_deleted_too(use, box, content):
    from sandboxes.services import lifecycle

    write(use, "a", "b")
    box.refresh_from_db()
    lifecycle.stop(box)
    until_status(box, "stopped")

    card, _ = use("delete_files", paths=["a"])

    assert (card.state, set(content())) == ("done", {"b"})


def test_the_tools_of_a_deleted_sandbox_say_what_to_do(use, box):
    from sandboxes.services import lifecycle

    lifecycle.delete(box)

    for tool, given in (
        ("delete_files", {"paths": ["a"]}),
        ("read_command_output", {}),
        ("stop_sandbox", {}),
        ("wait_for_port", {"port": 3000}),
        ("send_input", {"text": "x"}),
    ):
        card, said = use(tool, **given)
        assert (card.state, card.result["code"]) == ("failed", "not_found")
        assert "create_sandbox" in said


def test_a_port_is_waited_for_and_a_dead_server_is_told_at_once(use, box):
    late = "import time, http.server as h; time.sleep(1); " \
        "h.HTTPServer(('', 3000), h.BaseHTTPRequestHandler).serve_forever()"  # fmt: skip
    use("run_command", command="python3", args=["-c", late], wait=False)

    found, _ = use("wait_for_port", port=3000, seconds=60)
    use("stop_command")
    dead, said = use("wait_for_port", port=3001, seconds=120)

    assert (found.state, dead.state, dead.result["code"]) == ("done", "failed", "timeout")
    assert "read_command_output" in said


def test_output_is_read_by_its_last_lines_by_a_text_and_from_a_place_on(use, box):
    _, ran = use("run_command", command="seq", args=["1", "30000"])
    asked = {"command_id": ran["command_id"]}

    _, last = use("read_command_output", **asked, lines=3)
    _, found = use("read_command_output", **asked, search="2999")
    _, begin = use("read_command_output", **asked, since=0)
    _, following = use("read_command_output", **asked, since=begin["next"])

    assert last["output"].split() == ["29998", "29999", "30000"]
    numbers = [2999, 12999, 22999, *range(29990, 30000)]
    assert found["matches"] == [f"{n}: {n}" for n in numbers]
    both = begin["output"] + following["output"]
    everything = "".join(f"{n}\n" for n in range(1, 30001))
    assert 16_000 < len(both) <= 32_000 and everything.startswith(both)


def test_what_is_read_of_a_log_is_bounded(use, box):
    _, ran = use("run_command", command="bash", args=["-c", "yes needle | head -c 3000000"])
    asked = {"command_id": ran["command_id"]}

    for given in ({"lines": 1000}, {"search": "needle"}, {"since": 5}):
        _, said = use("read_command_output", **asked, **given)
        assert len(json.dumps(said)) < 20_000


def test_output_of_a_stopped_sandbox_is_read_without_starting_it(use, box):
    from sandboxes.services import lifecycle

    use("run_command", command="echo", args=["kept"])
    box.refresh_from_db()
    lifecycle.stop(box)
    until_status(box, "stopped")

    _, said = use("read_command_output")

    box.refresh_from_db()
    assert (said["output"].strip(), said["state"], box.is_running) == ("kept", "exit 0", False)


def test_a_running_command_is_typed_to_and_answers(use, box):
    script = "read -p 'Name? ' name; echo Hello $name"
    use("run_command", command="bash", args=["-c", script], wait=False, stdin=True)

    card, said = use("send_input", text="Ada\n")
    none, hint = use("send_input", text="again\n")

    assert (card.state, said["state"]) == ("done", "exit 0")
    assert "Hello Ada" in said["output"]
    assert none.state == "failed" and "stdin=true" in hint


def test_a_sandbox_is_stopped_and_wakes_up_at_the_next_call(use, box):
    write(use, "a")
    card, _ = use("stop_sandbox")
    until_status(box, "stopped")

    _, said = use("list_files")

    assert (card.result["name"], said["entries"]) == ("first", ["a (1 bytes)"])


def test_another_sandbox_stands_beside_the_first(use, box, content, conversation):
    _, made = use("create_sandbox", name="second")
    write(use, "here")
    write(use, "there", sandbox="second")
    _, listed = use("list_sandboxes")

    conversation.refresh_from_db()
    second = conversation.sandboxes.get(name="second")
    assert conversation.sandbox == box
    assert "second" in made["note"]
    assert (set(content()), set(content(second))) == ({"here"}, {"there"})
    assert [(one["name"], one["is_main"]) for one in listed["sandboxes"]] == [
        ("first", True), ("second", False),
    ]  # fmt: skip


def test_a_fresh_start_makes_the_new_sandbox_the_main_one(use, box, conversation):
    use("create_sandbox", name="second", fresh_start=True)

    conversation.refresh_from_db()
    assert conversation.sandbox.name == "second"
    assert use("list_files", sandbox="first")[0].state == "done"


def test_no_other_sandbox_of_the_person_is_reached(use, box, owner):
    from sandboxes.services import commands, creating, readiness

    other = readiness.wait_until_running(creating.create_sandbox(owner, name="private"))
    running = commands.run(other, "sleep", ["300"])

    for tool, given in (
        ("list_files", {"sandbox": "private"}),
        ("list_files", {"sandbox": other.pk}),
        ("read_command_output", {"command_id": running.pk}),
        ("stop_sandbox", {"sandbox": other.pk}),
    ):
        card, said = use(tool, **given)
        assert card.result["code"] == "not_found"
        assert "first" in said


def test_a_conversation_has_a_bounded_number_of_sandboxes(use, box, monkeypatch):
    from chat.services import conversation_sandboxes

    monkeypatch.setattr(conversation_sandboxes, "MOST", 1)

    card, said = use("create_sandbox", name="second")

    assert card.result["code"] == "limit" and "list_sandboxes" in said

"""Each tool, called by a model over HTTP, on a real sandbox."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from django.db import connections

from tests.fixtures.observed import until_status
from tests.fixtures.waiting import until

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
        said = llmock.last_request.body["messages"][-1]
        assert said["role"] == "tool"
        told = json.loads(said["content"])
        # The library wraps a failure for this wire format.
        return card, told["error"] if list(told) == ["error"] else told

    return call


@pytest.fixture
def box(use, conversation):
    """The conversation's sandbox."""
    use("create_sandbox")
    conversation.refresh_from_db()
    return conversation.sandbox


def test_a_tool_without_a_sandbox_tells_the_model_to_create_one(use):
    card, said = use("read_file", path="a.txt")

    assert card.state == "failed"
    assert card.result["message"] == "This conversation has no sandbox yet."
    assert "create_sandbox" in said and '"path": "a.txt"' in said


def test_create_sandbox_refuses_what_the_platform_refuses(use):
    card, said = use("create_sandbox", ports=[80])

    assert card.state == "failed"
    assert "Port 80 cannot be used" in card.result["message"]
    assert "1024" in said


def test_written_files_can_be_read_and_listed(use, box):
    written, _ = use("write_files", files=[{"path": "src/a.py", "content": "one\ntwo\n"}])
    read, text = use("read_file", path="src/a.py")
    listed, entries = use("list_files")

    assert written.result["files"] == [
        {
            "path": "src/a.py", "lines": 2, "bytes": 8, "added": 2, "removed": 0,
            "diff": "@@ -0,0 +1,2 @@\n+one\n+two",
        }
    ]  # fmt: skip
    assert (read.state, text["content"]) == ("done", "one\ntwo\n")
    assert (listed.result["count"], entries["entries"]) == (1, ["src/", "src/a.py (8 bytes)"])


def test_the_model_is_told_names_and_not_the_content_that_it_wrote(use, box):
    _, said = use("write_files", files=[{"path": "a.py", "content": "a line of its own\n"}])

    assert said == {"written": ["a.py (1 lines)"]}


def test_a_changed_file_says_how_many_lines_came_and_went(use, box):
    use("write_files", files=[{"path": "a", "content": "1\n2\n3\n4\n"}])

    card, _ = use("write_files", files=[{"path": "a", "content": "1\ntwo\n3\n4\n5\n"}])

    assert card.result["files"][0] | {"path": ""} == {
        "path": "", "lines": 5, "bytes": 12, "added": 2, "removed": 1,
        "diff": "@@ -1,4 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n+5",
    }  # fmt: skip


def test_a_part_of_a_file_is_changed_and_the_card_shows_the_difference(use, box):
    use("write_files", files=[{"path": "a.py", "content": "one\ntwo\nthree\n"}])

    card, said = use("edit_file", path="a.py", edits=[{"find": "two", "replace": "2\n2b"}])

    diff = "@@ -1,3 +1,4 @@\n one\n-two\n+2\n+2b\n three"
    assert card.result["files"] == [
        {"path": "a.py", "lines": 4, "added": 2, "removed": 1, "diff": diff}
    ]
    assert said["diff"] == diff
    _, text = use("read_file", path="a.py")
    assert text["content"] == "one\n2\n2b\nthree\n"


def test_an_edit_that_does_not_fit_changes_nothing_and_says_why(use, box):
    use("write_files", files=[{"path": "a.py", "content": "  one\ntwo\n"}])

    edits = [{"find": "two", "replace": "2"}, {"find": "one\n\n", "replace": "1"}]
    card, said = use("edit_file", path="a.py", edits=edits)

    assert card.state == "failed"
    assert "Edit 2 finds nothing" in said and "Line 1 differs in whitespace only" in said
    _, text = use("read_file", path="a.py")
    assert text["content"] == "  one\ntwo\n"


def test_lines_are_searched_in_all_files(use, box):
    files = [{"path": "src/a.py", "content": "x\nneedle\n"}, {"path": "b.js", "content": "Needle"}]
    use("write_files", files=files)

    card, said = use("search_files", text="needle")

    assert said == {"matches": ["b.js:1: Needle", "src/a.py:2: needle"], "files_searched": 2}
    assert card.result["matches"] == 2
    _, only = use("search_files", text="needle", names="*.py", case=True)
    assert only["matches"] == ["src/a.py:2: needle"]


def test_an_absolute_path_in_the_workspace_is_taken(use, box):
    use("write_files", files=[{"path": "/vercel/sandbox/b.txt", "content": "b"}])

    assert use("read_file", path="b.txt")[1]["content"] == "b"


@pytest.mark.parametrize("path", ["../escape", "/etc/passwd", "a/../../b"])
def test_a_path_outside_of_the_workspace_is_refused(use, box, path):
    card, said = use("write_files", files=[{"path": path, "content": "x"}])

    assert card.state == "failed"
    assert "outside of the workspace" in said


def test_a_missing_file_is_told(use, box):
    card, said = use("read_file", path="nowhere.txt")

    assert (card.state, card.result["code"]) == ("failed", "not_found")
    assert "nowhere.txt" in said


def test_a_binary_file_is_refused_in_words(use, box):
    use("run_command", command="bash", args=["-c", r"printf 'a\0b' > blob"])

    card, said = use("read_file", path="blob")

    assert card.state == "failed"
    assert "not a text file" in said


def test_of_a_large_file_the_beginning_is_read(use, box, conversation, llmock, say, sandbox_worker):
    use("run_command", command="bash", args=["-c", "seq 100000 > numbers"])
    llmock.call_tool("read_file", {"path": "numbers"}).reply("Done.")

    turn = say("Read it", model="custom:mock")

    # The mock keeps no request of that size, the turn's row does.
    told = turn.history[2]["parts"][0]["content"]
    assert told["content"].startswith("1\n2\n")
    last = int(told["content"].splitlines()[-1])
    assert len(told["content"]) <= 100_000
    assert f"line={last + 1}" in told["note"]


def test_a_huge_file_is_refused_with_a_way_to_read_it(use, box):
    use("run_command", command="bash", args=["-c", "seq 200000 > numbers"])

    card, said = use("read_file", path="numbers")

    assert card.state == "failed"
    assert "head" in said and "numbers" in said


def test_a_command_that_is_awaited_tells_exit_code_and_output(use, box):
    card, said = use("run_command", command="bash", args=["-c", "echo out; echo err >&2; exit 3"])

    assert card.state == "failed"
    assert (said["exit_code"], said["outcome"]) == (3, "exit 3")
    assert sorted(said["output"].split()) == ["err", "out"]
    assert card.command.line == "echo out; echo err >&2; exit 3"
    assert card.result["exit_code"] == 3


def test_cwd_and_env_reach_the_command(use, box):
    use("write_files", files=[{"path": "deep/x", "content": ""}])

    _, said = use(
        "run_command", command="bash", args=["-c", "pwd; echo $COLOUR"], cwd="deep",
        env={"COLOUR": "green"},
    )  # fmt: skip

    assert said["output"].split() == ["/vercel/sandbox/deep", "green"]


def test_long_output_is_cut_in_the_middle(use, box):
    _, said = use("run_command", command="seq", args=["1", "50000"])

    assert len(said["output"]) < 17_000
    assert said["output"].startswith("1\n2\n")
    assert said["output"].rstrip().endswith("50000")
    assert "bytes left out" in said["output"]


@pytest.fixture
def any_start(monkeypatch):
    """A server may take its time on a busy machine: how long is waited is not what is tested."""
    from chat.tools.run_command import tool

    monkeypatch.setattr(tool, "EARLY_SECONDS", 60)


@pytest.mark.usefixtures("any_start")
def test_a_server_in_the_background_tells_its_port(use, box):
    card, said = use(
        "run_command", command="python3", args=["-m", "http.server", "3000"], wait=False
    )

    assert card.state == "background"
    assert said["listening_ports"] == [3000]


@pytest.mark.usefixtures("any_start")
def test_a_server_that_dies_at_once_is_told_with_its_output(use, box):
    card, said = use(
        "run_command", command="python3", args=["-c", "raise SystemExit('no')"], wait=False
    )

    assert card.state == "failed"
    assert said["exit_code"] == 1
    assert "no" in said["output"]
    assert "already ended" in said["note"]


def test_the_address_of_a_port_says_whether_something_listens(use, box):
    _, silent = use("get_sandbox_url", port=3000)
    use("run_command", command="python3", args=["-m", "http.server", "3000"], wait=False)
    card, alive = use("get_sandbox_url", port=3000)

    assert (silent["listening"], alive["listening"]) == (False, True)
    assert "Nothing listens" in silent["note"]
    assert card.result["url"] == f"http://3000-{box.pk}.vibe.localhost:8000/"


def test_a_port_that_cannot_be_has_a_failed_card_and_no_address(use, box):
    card, said = use("get_sandbox_url", port=70_000)

    assert (card.state, "url" in card.result) == ("failed", False)
    assert "70000" in card.result["message"] and "70000" in said


def test_a_sandbox_that_ends_under_a_command_fails_its_card_and_not_the_turn(use, box):
    from sandboxes.models import Command
    from sandboxes.services import lifecycle

    def stop_it() -> None:
        until(lambda: Command.objects.filter(status="running").exists())
        lifecycle.stop(box)
        connections.close_all()

    stopping = threading.Thread(target=stop_it)
    stopping.start()
    card, said = use("run_command", command="sleep", args=["300"])
    stopping.join()

    assert (card.state, card.command.cause) == ("failed", Command.Cause.SANDBOX_STOPPED)
    assert "sandbox" in said["outcome"]


def test_the_latest_running_command_can_be_stopped(use, box):
    use("run_command", command="python3", args=["-m", "http.server", "3000"], wait=False)

    card, said = use("stop_command")
    again, _ = use("stop_command")

    assert (card.state, said["outcome"]) == ("done", "stopped by a user")
    assert (again.state, again.result["message"]) == ("failed", "No command is running.")


def test_what_a_command_left_running_is_told_and_can_be_stopped(use, box):
    from sandboxes.models import Command

    script = "setsid python3 -m http.server 3000 >/dev/null 2>&1 &"
    card, said = use("run_command", command="bash", args=["-c", script])
    assert (card.state, said["left_running"][:9]) == ("done", "1 process")

    use("stop_command", command_id=said["command_id"])

    command = Command.objects.get(pk=said["command_id"])
    until(lambda: command.refresh_from_db() or command.left_processes == 0)


def test_a_command_of_another_user_cannot_be_stopped(use, box, django_user_model):
    from sandboxes.services import commands, creating, readiness

    bob = django_user_model.objects.create_user("bob")
    theirs = readiness.wait_until_running(creating.create_sandbox(bob))
    foreign = commands.run(theirs, "sleep", ["300"])

    card, _ = use("stop_command", command_id=foreign.pk)

    foreign.refresh_from_db()
    assert card.result["code"] == "not_found"
    assert not foreign.is_finished


def test_a_stopped_sandbox_wakes_up_with_its_files(use, box, conversation):
    from sandboxes.services import lifecycle

    use("write_files", files=[{"path": "kept.txt", "content": "still here"}])
    conversation.refresh_from_db()
    lifecycle.stop(conversation.sandbox)

    until_status(box, "stopped")

    assert use("read_file", path="kept.txt")[1]["content"] == "still here"


def test_the_model_is_told_which_host_the_network_policy_refused(use, box):
    card, said = use("run_command", command="git", args=["clone", "https://code.example/a.git"])

    assert card.state == "failed"
    assert "The network policy of this sandbox refused code.example" in said["network"]
    assert '"Allow code.example here"' in said["network"]
    assert "network" not in use("run_command", command="true")[1]

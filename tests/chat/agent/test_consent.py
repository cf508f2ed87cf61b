"""Plan mode and approvals, held where tools are called, on a real sandbox."""

from __future__ import annotations

import json

import pytest

from tests.chat.agent.asking import PLAN, QUESTIONS, calls
from tests.fixtures.observed import until_status
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox

WIPE = {"command": "bash", "args": ["-lc", "rm -rf keep && echo gone"]}
# One call of each tool that could change something.
EVERY_TOOL = {
    "create_sandbox": {"name": "another"},
    "write_files": {"files": [{"path": "new.txt", "content": "x"}]},
    "edit_file": {"path": "keep/a.txt", "edits": [{"find": "a", "replace": "b"}]},
    "read_file": {"path": "keep/a.txt"},
    "list_files": {},
    "search_files": {"text": "a"},
    "read_skill": {"name": "deploy"},
    "run_command": {"command": "touch", "args": ["ran"]},
    "get_sandbox_url": {"port": 4321},
    "stop_command": {},
    "delete_files": {"paths": ["keep/a.txt"]},
    "rename_file": {"source": "keep/a.txt", "target": "b.txt"},
    "wait_for_port": {"port": 4321, "seconds": 1},
    "read_command_output": {},
    "send_input": {"text": "x\n"},
    "stop_sandbox": {},
    "look_at_page": {"port": 4321},
    "click": {"target": "Go"},
    "type_text": {"target": "Name", "text": "x"},
    "page_console": {},
    "plan_check": {"steps": [{"do": "click", "target": "Go"}]},
    "list_sandboxes": {},
    "list_versions": {},
    "find_tools": {"words": "weather"},
    "restore_version": {"number": 1},
    "allow_host": {"host": "example.com"},
    "plan_step_done": {"number": 1},
    "ask_user": QUESTIONS,
    "propose_plan": PLAN,
}


@pytest.fixture
def mock(llmock, settings):
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off")
    return llmock


@pytest.fixture
def box(sandbox, conversation):
    """A conversation with a sandbox in which a file is, and a server runs."""
    from chat.services import conversations
    from sandboxes.services import commands, files

    files.write_file(sandbox, "keep/a.txt", [b"a\n"])
    server = commands.run(sandbox, "sleep", ["600"], background=True)
    until(lambda: type(server).objects.get(pk=server.pk).status == "running")
    conversations.use_sandbox(conversation.pk, sandbox.pk)
    return sandbox


def state(box):
    """Everything that a turn could change: rows, files, processes."""
    from sandboxes.models import Checkpoint, Command, Sandbox
    from sandboxes.services import files, ports

    box.refresh_from_db()
    return {
        "network": box.network_policy,
        "sandboxes": list(Sandbox.objects.values_list("pk", "status", "name")),
        "commands": list(Command.objects.values_list("pk", "status")),
        "checkpoints": Checkpoint.objects.count(),
        "files": sorted(entry.path for entry in files.list_files(box, ".")[0]),
        "content": files.read_file(box, "keep/a.txt", max_bytes=100),
        "ports": list(ports.listening(box)),
    }


def answered(turn, **given):
    from chat.agent import runtime
    from chat.services.asking import answers
    from chat.services.asking.answer_forms import Given

    answers.answer(turn, Given(**given))
    runtime.run(turn.pk)
    turn.refresh_from_db()
    return turn


def test_a_model_that_tries_every_tool_in_plan_mode_changes_nothing(
    mock, say, parts, box, conversation
):
    from chat.services import conversations
    from chat.services.context import skills
    from chat.tools import registry

    assert set(EVERY_TOOL) == set(registry.TOOLS)
    skills.save(conversation.owner, "---\nname: deploy\ndescription: How\n---\n\nDo it.")
    conversations.choose_mode(conversation, "plan")
    before = state(box)
    calls(mock, *EVERY_TOOL.items())

    turn = say("Go on", model="custom:mock")
    answered(turn, answers=[{}, {}])

    assert state(box) == before
    assert (turn.status, turn.waiting_for) == ("waiting", "plan")
    states = {part.tool: part.state for part in parts(turn) if part.kind == "tool_call"}
    fail = {"wait_for_port"}  # nothing answers there
    reading = registry.READING - fail | {"ask_user"}
    assert {name for name, one in states.items() if one == "done"} == reading
    refused = [part for part in parts(turn) if part.state == "failed" and part.tool not in fail]
    assert len(refused) == 18
    assert all("plan mode" in part.result["message"] for part in refused)


def test_plan_mode_does_not_wake_a_stopped_sandbox(mock, say, parts, box, conversation):
    from chat.services import conversations
    from sandboxes.services import lifecycle

    lifecycle.stop(box)
    until_status(box, "stopped")
    conversations.choose_mode(conversation, "plan")
    calls(mock, ("list_files", {}))
    mock.reply("It sleeps.")

    turn = say("Go on", model="custom:mock")

    box.refresh_from_db()
    assert not box.is_running
    assert "in plan mode nothing is started" in parts(turn)[0].result["message"]


def test_undo_in_plan_mode_puts_nothing_back(say, parts, box, conversation):
    from chat.services import conversations

    conversations.choose_mode(conversation, "plan")
    before = state(box)

    turn = say("undo")

    assert state(box) == before
    assert "plan mode" in parts(turn)[0].text


def test_a_risky_command_runs_only_once_it_is_allowed(mock, say, parts, box):
    calls(mock, ("run_command", WIPE))
    turn = say("Go on", model="custom:mock")
    asked = turn.questions.get().asked
    assert (turn.waiting_for, asked["exact"]) == (
        "approval", "bash -lc 'rm -rf keep && echo gone'",
    )  # fmt: skip
    assert [reason["name"] for reason in asked["reasons"]] == ["delete"]
    assert b"a" in state(box)["content"]
    mock.reply("Gone.")

    answered(turn, decision="once")

    assert turn.status == "completed"
    assert parts(turn)[0].command.exit_code == 0
    assert turn.questions.get().status == "used"


def test_what_is_denied_does_not_run_and_the_model_reads_why(mock, say, parts, box):
    calls(mock, ("run_command", WIPE))
    turn = say("Go on", model="custom:mock")
    mock.reply("As you say.")

    answered(turn, decision="deny", text="I need that folder")

    card = parts(turn)[0]
    assert (card.state, card.command, card.result["message"]) == ("failed", None, "You said no.")
    assert "I need that folder" in json.dumps(mock.last_request.body["messages"][-1])
    assert state(box)["content"] == b"a\n"


def test_allowed_for_the_conversation_is_not_asked_again(mock, say, box):
    calls(mock, ("run_command", WIPE))
    turn = say("Go on", model="custom:mock")
    mock.reply("Gone.")
    answered(turn, decision="conversation")
    calls(mock, ("run_command", WIPE))
    mock.reply("Gone again.")

    again = say("Once more", model="custom:mock")

    assert (again.status, again.questions.count()) == ("completed", 0)


def test_a_call_behind_an_allowed_one_is_judged_for_itself(mock, say, box):
    calls(mock, ("run_command", WIPE), ("run_command", {"command": "rm", "args": ["-r", "b"]}))
    turn = say("Go on", model="custom:mock")

    answered(turn, decision="once")

    assert (turn.status, turn.questions.count()) == ("waiting", 2)
    assert turn.questions.last().asked["exact"] == "rm -r b"


def test_with_policy_always_each_change_is_asked_about_and_no_reading(mock, say, box, conversation):
    from chat.services import conversations

    conversations.choose_approval(conversation, "always")
    calls(mock, ("list_files", {}), ("write_files", EVERY_TOOL["write_files"]))

    turn = say("Go on", model="custom:mock")

    assert (turn.waiting_for, turn.questions.get().asked["exact"]) == ("approval", "new.txt")
    assert "new.txt" not in state(box)["files"]


def test_with_policy_never_nothing_is_asked(mock, say, box, conversation):
    from chat.services import conversations

    conversations.choose_approval(conversation, "never")
    calls(mock, ("run_command", WIPE))
    mock.reply("Gone.")

    assert say("Go on", model="custom:mock").status == "completed"


def test_a_host_is_asked_for_each_time_also_where_nothing_else_is(mock, say, parts, box):
    from chat.services import conversations
    from vibe.refusal import Refusal

    turn = None
    for host in ("a.example", "b.example"):
        conversations.choose_approval(box.conversations.get(), "never")
        calls(mock, ("allow_host", {"host": host}))
        turn = say("Go on", model="custom:mock")
        assert (turn.waiting_for, turn.questions.get().asked["exact"]) == (
            "approval",
            f"{host}:443",
        )
        with pytest.raises(Refusal, match="no answer to this"):
            answered(turn, decision="conversation")
        mock.reply("Thanks.")
        answered(turn, decision="once")

    box.refresh_from_db()
    assert set(box.network_policy["allow"]) >= {"a.example", "b.example"}
    assert "b.example" in parts(turn)[0].result["text"]


def test_a_host_that_is_denied_is_not_reached(mock, say, box):
    calls(mock, ("allow_host", {"host": "a.example"}))
    turn = say("Go on", model="custom:mock")
    mock.reply("As you say.")

    answered(turn, decision="deny")

    box.refresh_from_db()
    assert "a.example" not in (box.network_policy or {}).get("allow", {})


def test_an_earlier_version_is_put_back_once_it_is_allowed(mock, say, parts, box):
    from chat.services.versioning import versions
    from sandboxes.services import checkpoints

    calls(mock, ("write_files", {"files": [{"path": "keep/a.txt", "content": "changed"}]}))
    mock.reply("Changed.")
    first = say("Go on", model="custom:mock")
    for version in first.conversation.versions.all():
        checkpoints.wait(version.checkpoint, 60)
    number = versions.before(first).number
    calls(mock, ("list_versions", {}), ("restore_version", {"number": number}))
    turn = say("Go back", model="custom:mock")
    assert (turn.waiting_for, state(box)["content"]) == ("approval", b"changed")
    mock.reply("Back.")

    answered(turn, decision="once")

    assert (turn.status, state(box)["content"]) == ("completed", b"a\n")
    mock.reply("Hello.")
    assert "I have restored" not in json.dumps(say("Hi", model="custom:mock").history)


def test_a_shell_that_is_typed_into_is_asked_about_and_so_is_what_is_typed(mock, say, box):
    shell = {"command": "bash", "wait": False, "stdin": True}
    calls(mock, ("run_command", shell))
    turn = say("Go on", model="custom:mock")
    assert turn.questions.get().asked["reasons"][0]["name"] == "hidden"
    calls(mock, ("send_input", {"text": "rm -rf keep\n"}))

    answered(turn, decision="once")

    assert turn.questions.last().asked["reasons"][0]["name"] == "delete"
    assert state(box)["content"] == b"a\n"


def test_deleting_a_folder_by_a_tool_is_asked_about_and_a_file_is_not(mock, say, box):
    calls(
        mock,
        ("delete_files", {"paths": ["keep/a.txt"]}),
        ("delete_files", {"paths": ["keep"], "folders": True}),
    )

    turn = say("Go on", model="custom:mock")

    assert turn.questions.get().asked["exact"] == "keep"
    from sandboxes.services import files

    assert [entry.path for entry in files.list_files(box, ".")[0]] == ["keep"]

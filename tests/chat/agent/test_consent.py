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
        "sandboxes": list(Sandbox.objects.values_list("pk", "status", "name")),
        "commands": list(Command.objects.values_list("pk", "status")),
        "checkpoints": Checkpoint.objects.count(),
        "files": sorted(entry.path for entry in files.list_files(box, ".")[0]),
        "content": files.read_file(box, "keep/a.txt", max_bytes=100),
        "ports": list(ports.listening(box)),
    }


def answered(turn, **given):
    from chat.agent import runtime
    from chat.services import answers
    from chat.services.answer_forms import Given

    answers.answer(turn, Given(**given))
    runtime.run(turn.pk)
    turn.refresh_from_db()
    return turn


def test_a_model_that_tries_every_tool_in_plan_mode_changes_nothing(
    mock, say, parts, box, conversation
):
    from chat.services import conversations, skills
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
    reading = {"read_file", "list_files", "search_files", "read_skill", "ask_user"}
    assert {name for name, one in states.items() if one == "done"} == reading
    refused = [part for part in parts(turn) if part.state == "failed"]
    assert len(refused) == 7
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

"""A stored conversation becomes a recording: its words and calls, without secrets."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from chat.models import Message, Part, Turn
from chat.providers.recordings.form import read
from chat.services.portability.recording import record
from vibe.refusal import Refusal

pytestmark = pytest.mark.django_db
ID = "ab12cd34ef56gh78ij90kl12mn34op56"


def answered(conversation, request: str, *messages, **fields) -> Turn:
    fields = {"status": Turn.Status.COMPLETED, "model": "demo"} | fields
    turn = Turn.objects.create(conversation=conversation, history=list(messages), **fields)
    position = conversation.messages.count()
    message = Message.objects.create(
        conversation=conversation, turn=turn, role="user", position=position
    )
    Part.objects.create(message=message, position=0, kind="text", text=request)
    return turn


def calls(tool: str, arguments, number: str = "1") -> dict:
    part = {"part_kind": "tool-call", "tool_name": tool, "args": arguments, "tool_call_id": number}
    return {"kind": "response", "parts": [part]}


def returns(content, number: str = "1", **more) -> dict:
    part = {"part_kind": "tool-return", "content": content, "tool_call_id": number, **more}
    return {"kind": "request", "parts": [part]}


def says(text: str) -> dict:
    return {"kind": "response", "parts": [{"part_kind": "text", "content": text}]}


def test_words_thoughts_and_calls_are_kept_in_their_order(conversation):
    thinks = {"part_kind": "thinking", "content": "Hm."}
    first = calls("run_command", '{"command": "ls"}')
    first["parts"].insert(0, thinks)
    ended = {"command_id": "cmd_1", "exit_code": 0, "output": "long"}
    answered(conversation, "List", first, returns(ended), says("Done."))

    [turn] = record(conversation).turns

    assert turn.request == "List"
    assert (turn.steps[0].thought, turn.steps[1].text) == ("Hm.", "Done.")
    [call] = turn.steps[0].calls
    assert (call.arguments, call.worked) == ({"command": "ls"}, True)
    assert call.names == {"command_id": "cmd_1"}


@pytest.mark.parametrize(
    "result",
    [
        returns({"command_id": "cmd_1", "exit_code": 2}),
        returns("run_command failed: no", outcome="failed"),
        returns({"url": "http://x", "listening": False}),
        {"kind": "request", "parts": [{"part_kind": "retry-prompt", "tool_call_id": "1"}]},
    ],
)
def test_a_call_that_came_to_nothing_is_marked(conversation, result):
    answered(conversation, "Go", calls("run_command", {}), result, says("It failed."))

    assert record(conversation).turns[0].steps[0].calls[0].worked is False


def test_failed_stopped_and_set_aside_turns_are_left_out(conversation):
    kept = answered(conversation, "Good", says("Yes."))
    answered(conversation, "Stopped", says("Hal"), status=Turn.Status.STOPPED)
    answered(conversation, "Old", says("No."), superseded_by=kept)

    assert [turn.request for turn in record(conversation).turns] == ["Good"]


def test_what_a_recording_has_played_is_not_recorded_again(conversation):
    answered(conversation, "next", says("Part 1."), model="recorded:mine")

    with pytest.raises(Refusal, match="no completed turn"):
        record(conversation)


def test_secrets_are_taken_out_and_ids_stay(conversation, settings):
    key = "sk-abcdefghijklmnop1234"
    environment = {"PAYMENT_API_KEY": "plainword", "PORT": "3000"}
    run = calls("run_command", {"command": "env", "env": environment, "args": [f"--key={key}"]})
    made = returns({"sandbox_id": ID, "exit_code": 0})
    answered(conversation, f"My key is {key}", run, made, says(f"In {ID}: Bearer abc.def.ghi"))

    recording = record(conversation)
    text = json.dumps(recording.model_dump())

    assert key not in text and "plainword" not in text and "abc.def" not in text
    assert recording.turns[0].steps[0].calls[0].arguments["env"]["PORT"] == "3000"
    assert f"In {ID}:" in text


def test_the_command_writes_a_file_that_can_be_played_and_never_over_another(
    conversation, tmp_path, capsys
):
    answered(conversation, "Say hello", says("Hello."))
    file = tmp_path / "hello.json"

    call_command("record_session", conversation.pk, str(file), title="Hello")
    told = capsys.readouterr().out
    with pytest.raises(CommandError, match="--force"):
        call_command("record_session", conversation.pk, str(file))

    assert read(file.read_text()).title == "Hello"
    assert "hello.json: “Hello”, parts: 1" in told


def test_the_command_says_that_something_was_taken_out(conversation, tmp_path, capsys):
    answered(conversation, "Use sk-abcdefghijklmnop1234", says("Yes."))

    call_command("record_session", conversation.pk, str(tmp_path / "a.json"))

    assert "looks like a secret" in capsys.readouterr().out


def test_the_command_names_a_conversation_that_there_is_not(tmp_path):
    with pytest.raises(CommandError, match="no conversation conv_x"):
        call_command("record_session", "conv_x", str(tmp_path / "a.json"))

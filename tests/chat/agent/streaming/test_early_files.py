"""Files of a call reach a real sandbox while the model still writes the call."""

from __future__ import annotations

import json
import threading

import pytest

from tests.chat.agent.streaming.model_in_pieces import Answer, Call, cut, pieces_server
from tests.fixtures.waiting import until

MODELS = ["custom:mock", "anthropic:mock"]
ODD = 'é 漢 😀 \\ " \t end\nsecond line\n'
FILES = [{"path": "src/odd.txt", "content": ODD}, {"path": "b.py", "content": "print('b')\n"}]

pytestmark = pytest.mark.sandbox


@pytest.fixture
def model(settings, monkeypatch):
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    with pieces_server() as started:
        settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = "sk-test"
        settings.OPENAI_BASE_URL = f"{started.address}/v1"
        settings.ANTHROPIC_BASE_URL = started.address
        yield started


@pytest.fixture
def box(model, sandbox_worker, say, conversation):
    """The conversation's sandbox."""
    model.answers = [Answer([Call("create_sandbox", ["{}"])])]
    assert say("Begin", model="custom:mock").status == "completed"
    conversation.refresh_from_db()
    return conversation.sandbox


def content(box, path: str) -> str | None:
    from sandboxes.services import files
    from vibe.refusal import Refusal

    try:
        return files.read_file(box, path).decode()
    except Refusal:
        return None


def in_thread(question):
    """Asked from the server's thread: what it opens of the database is closed there."""
    from django.db import connections

    def ask():
        try:
            return until(question)
        finally:
            connections.close_all()

    return ask


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_files_come_whole_however_the_answer_is_cut(model, box, say, parts, name, ascii_only):
    model.frame = 1  # bytes
    model.answers = [Answer([Call("write_files", cut({"files": FILES}, 1, ascii_only=ascii_only))])]

    turn = say("Write", model=name)

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert (turn.status, card.state) == ("completed", "done")
    assert [file["path"] for file in card.result["files"]] == ["src/odd.txt", "b.py"]
    assert content(box, "src/odd.txt") == ODD
    assert card.arguments == {"files": FILES}


@pytest.mark.parametrize("name", MODELS)
def test_a_file_is_there_before_the_call_is_whole(model, box, say, parts, name):
    begun = '{"files": [{"path": "a.txt", "content": "one"}, '
    seen = []
    look = in_thread(lambda: content(box, "a.txt"))
    rest = json.dumps({"path": "b.txt", "content": "two"}) + "]}"
    model.answers = [Answer([Call("write_files", [begun, lambda: seen.append(look()), rest])])]

    turn = say("Write", model=name)

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert seen == ["one"]
    assert [(f["path"], f["added"]) for f in card.result["files"]] == [("a.txt", 1), ("b.txt", 1)]
    assert (content(box, "a.txt"), content(box, "b.txt")) == ("one", "two")


def test_the_diff_is_against_what_was_there_before(model, box, say, parts):
    for text in ("1\n2\n3\n", "1\ntwo\n3\n"):
        files = [{"path": "a", "content": text}, {"path": "b", "content": "x"}]
        model.answers = [Answer([Call("write_files", cut({"files": files}, 5))])]
        turn = say("Write", model="custom:mock")

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert card.result["files"][0]["diff"] == "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3"


@pytest.mark.parametrize("name", MODELS)
def test_an_invalid_call_says_which_files_were_written(model, box, say, parts, name):
    text = '{"files": [{"path": "kept.txt", "content": "one"}, {"path": 7, "nothing": true}]}'
    model.answers = [Answer([Call("write_files", [text[:60], text[60:]])])]

    turn = say("Write", model=name)

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert card.state == "failed"
    assert [file["path"] for file in card.result["files"]] == ["kept.txt"]
    assert content(box, "kept.txt") == "one"


def test_a_call_that_is_refused_says_which_files_were_written(model, box, say, parts):
    files = [{"path": "kept.txt", "content": "one"}, {"path": "../out", "content": "two"}]
    model.answers = [Answer([Call("write_files", cut({"files": files}, 5))])]

    turn = say("Write", model="custom:mock")

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert (card.state, [file["path"] for file in card.result["files"]]) == ("failed", ["kept.txt"])
    assert "outside of the workspace" in card.result["message"]


@pytest.mark.parametrize("name", MODELS)
def test_a_stopped_call_says_which_files_were_written(model, box, conversation, parts, name):
    from chat.agent import runtime
    from chat.models import Turn
    from chat.services import stopping, turns

    going_on = threading.Event()
    begun = '{"files": [{"path": "kept.txt", "content": "one"}, {"path": "b", "content": "tw'
    turn = turns.start_turn(conversation, "Write", model=name)

    def stop():
        assert content(box, "kept.txt") == "one"
        stopping.stop_turn(Turn.objects.get(pk=turn.pk))

    look = in_thread(lambda: content(box, "kept.txt"))
    model.answers = [
        Answer(
            [Call("write_files", [begun, look, in_thread(lambda: stop() or True), going_on.wait])]
        )
    ]
    try:
        runtime.run(turn.pk)
    finally:
        going_on.set()

    turn.refresh_from_db()
    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert (turn.status, card.state) == ("stopped", "stopped")
    assert [file["path"] for file in card.result["files"]] == ["kept.txt"]
    assert content(box, "b") is None


def test_what_an_earlier_call_of_the_answer_does_comes_first(model, box, say, parts):
    listing = Call("run_command", cut({"command": "ls"}, 9))
    writing = Call("write_files", cut({"files": FILES}, 9))
    model.answers = [Answer([listing, writing])]

    turn = say("List, then write", model="custom:mock")

    listed = next(part for part in parts(turn) if part.tool == "run_command")
    assert "b.py" not in listed.result["tail"]
    assert content(box, "b.py") == "print('b')\n"

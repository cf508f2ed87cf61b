"""A conversation as a file: written, read, and what of a hostile file is refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from unittest.mock import patch

import pytest
from pydantic_ai.messages import ModelMessagesTypeAdapter

from chat.models import Conversation, Part, Turn, Version
from chat.services import turns
from chat.services.context import history
from chat.services.portability import exporting
from chat.services.portability.importing import import_conversation
from sandboxes.models import Checkpoint
from tests.fixtures.rows import make_conversation, make_sandbox, make_turn
from vibe.refusal import Refusal

MOMENT = "2026-01-02T03:04:05Z"


async def _here(function: Any, *args: Any) -> Any:
    return function(*args)


def exported(conversation: Conversation) -> bytes:
    async def collected() -> bytes:
        return b"".join([piece async for piece in exporting.exported(conversation)])

    unsafe = patch.dict("os.environ", DJANGO_ALLOW_ASYNC_UNSAFE="1")
    with patch("chat.services.portability.exporting.in_thread", _here), unsafe:
        return asyncio.run(collected())


def of(content: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(content)
    del told["exported_at"]
    return told


def form(**more: Any) -> dict[str, Any]:
    """The smallest file."""
    return {"format": "vibe.conversation", "version": 1, "title": "x", "turns": [], **more}


def turn_form(**more: Any) -> dict[str, Any]:
    return {"model": "demo", "status": "completed", "created_at": MOMENT, "messages": [], **more}


def with_part(**more: Any) -> dict[str, Any]:
    said = {"role": "assistant", "created_at": MOMENT, "parts": [{"kind": "text", **more}]}
    return form(turns=[turn_form(messages=[said])])


def read(owner: Any, what: Any) -> Conversation:
    return import_conversation(owner, json.dumps(what).encode())


@pytest.fixture
def talk(owner) -> Conversation:
    """With a failed turn, one that was tried again, a tool call and a version."""
    sandbox = make_sandbox(owner, env={"TOKEN": "canary-of-the-environment"})
    found = make_conversation(owner, sandbox=sandbox)
    failed = make_turn(found, status="failed")
    failed.error = {"title": "Broke", "detail": "It did", "action": "retry"}
    failed.worker = "canary-of-the-worker"
    failed.history = [{"kind": "request", "parts": [], "instructions": "canary-of-the-prompt"}]
    failed.save()
    again = make_turn(
        found, answer=f"I see canary-of-the-environment at 3000-{sandbox.pk}.localhost"
    )
    Turn.objects.filter(pk=again.pk).update(retry_of=failed)
    answer = again.messages.get(role="assistant")
    Part.objects.create(
        message=answer,
        position=1,
        kind="tool_call",
        state="background",
        tool="run_command",
        tool_call_id="call_1",
        arguments={"command": "env", "args": ["-0"]},
        result={"sandbox_id": sandbox.pk, "command_id": "cmd_aaaaaaaaaaaaaaaaaaaa", "exit_code": 0},
    )
    kept = Checkpoint.objects.create(sandbox=sandbox, node="local", status="made", files_changed=2)
    Version.objects.create(
        conversation=found, checkpoint=kept, number=1, turn=again, title="Build it", favourite=True
    )
    return found


def test_what_is_imported_is_exported_the_same(talk, owner):
    content = exported(talk)
    made = import_conversation(owner, content)
    assert of(exported(made)) == of(content)


def test_an_import_reads_as_the_conversation_did(talk, owner):
    made = import_conversation(owner, exported(talk))
    assert [part.text for part in Part.objects.filter(message__conversation=made)][:3] == [
        "Build it", "Done.", "Build it",
    ]  # fmt: skip
    assert made.turns.last().retry_of == made.turns.first()
    assert (made.title, made.owner, made.sandbox) == ("A todo app", owner, None)


def test_no_id_and_no_secret_is_in_the_file(talk):
    text = exported(talk).decode()
    ids = [talk.pk, talk.sandbox_id, talk.owner.username, "cmd_aaaaaaaaaaaaaaaaaaaa"]
    ids += talk.turns.values_list("pk", flat=True)
    ids += Part.objects.values_list("pk", flat=True)
    ids += Version.objects.values_list("pk", flat=True)
    assert [one for one in [*ids, "canary"] if one in text] == []


def test_a_turn_under_way_is_not_in_the_file(talk):
    make_turn(talk, status="running")
    assert len(of(exported(talk))["turns"]) == 2


def test_the_model_is_told_what_was_said_in_an_import(talk, owner, say):
    made = import_conversation(owner, exported(talk))
    before = history.before(turns.start_turn(made, "go on"))
    ModelMessagesTypeAdapter.validate_python(before)
    kinds = [part["part_kind"] for message in before for part in message["parts"]]
    assert kinds == ["user-prompt", "text", "tool-call", "tool-return"]


def test_one_can_go_on_in_an_import(talk, owner):
    from chat.agent import runtime

    made = import_conversation(owner, exported(talk))
    turn = turns.start_turn(made, "what can you do?")
    runtime.run(turn.pk)
    turn.refresh_from_db()
    assert turn.status == "completed"
    assert made.turns.order_by("created_at", "id").last() == turn


HOSTILE: dict[str, Any] = {
    "no JSON": b"{",
    "no object": b"[]",
    "no UTF-8": b'{"format": "\xff"}',
    "nothing": b"",
    "of another kind": form(format="other"),
    "of a later version": form(version=2),
    "an unknown key": form(owner=1),
    "an unknown key deep inside": with_part(command_id="cmd_x"),
    "a title that is no text": form(title=["x"]),
    "a title without end": form(title="x" * 201),
    "a state that nothing ends": with_part(state="running"),
    "a kind that is none": with_part(kind="script"),
    "a role that is none": form(
        turns=[turn_form(messages=[{"role": "system", "created_at": MOMENT, "parts": []}])]
    ),
    "a turn under way": form(turns=[turn_form(status="running")]),
    "a moment before all": form(turns=[turn_form(created_at="0001-01-01T00:00:00Z")]),
    "a moment beyond all": form(turns=[turn_form(created_at="9999-12-31T23:59:59-23:59")]),
    "a moment without a zone": form(turns=[turn_form(created_at="2026-01-01T00:00:00")]),
    "a turn that retries itself": form(turns=[turn_form(retry_of=0)]),
    "a turn that retries none": form(turns=[turn_form(retry_of=-1)]),
    "a version of no turn": form(
        versions=[{"number": 1, "reason": "turn", "turn": 5, "created_at": MOMENT}]
    ),
    "a count that is true": form(
        versions=[{"number": True, "reason": "turn", "created_at": MOMENT}]
    ),
    "a number of a hundred digits": b'{"a": %s}' % (b"9" * 100),
    "arguments with a number beyond all": with_part(arguments={"a": 10**30}),
    "arguments that are a list": with_part(arguments=[1]),
    "arguments that are deep": with_part(arguments=json.loads('{"a":' * 40 + "1" + "}" * 40)),
    "depth without end": b'{"turns": ' + b"[" * 100_000,
    "not a number": json.dumps(with_part(arguments={"a": float("nan")})).encode(),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_none_is_refused_in_words(owner, what):
    given = HOSTILE[what]
    content = given if isinstance(given, bytes) else json.dumps(given).encode()
    with pytest.raises(Refusal, match="not an exported conversation") as told:
        import_conversation(owner, content)
    assert len(told.value.message) < 1500
    assert not Conversation.objects.exists()


def test_what_no_database_takes_is_replaced(owner):
    made = read(owner, with_part(text="a\x00b", arguments={"k\x00": "\x00"}))
    part = Part.objects.get(message__conversation=made)
    assert (part.text, part.arguments) == ("a\ufffdb", {"k\ufffd": "\ufffd"})


def test_a_file_that_is_too_large_is_refused(owner, monkeypatch):
    monkeypatch.setattr("chat.services.portability.importing.MAX_BYTES", 100)
    with pytest.raises(Refusal, match="larger than"):
        import_conversation(owner, b" " * 101)


def test_a_file_with_more_turns_than_one_may_have_is_refused(owner, settings):
    settings.TURNS_PER_CONVERSATION = 1
    with pytest.raises(Refusal, match="may have 1"):
        read(owner, form(turns=[turn_form(), turn_form()]))


def test_turns_of_the_future_and_of_one_moment_keep_their_order(owner):
    given = [turn_form(created_at=when, model=str(number)) for number, when in enumerate(
        ("2190-01-01T00:00:00Z", MOMENT, MOMENT, "2190-01-01T00:00:00Z")
    )]  # fmt: skip
    made = read(owner, form(turns=given))
    assert [turn.model for turn in made.turns.all()] == ["0", "1", "2", "3"]
    assert made.turns.last().created_at < made.created_at


def test_what_was_set_aside_is_set_aside_in_an_import(owner):
    talk = make_conversation(owner)
    first, second = make_turn(talk), make_turn(talk)
    Turn.objects.filter(pk=first.pk).update(superseded_by=second, mode="plan", effort="high")
    content = exported(talk)

    made = import_conversation(owner, content)

    copies = list(made.turns.order_by("created_at"))
    assert copies[0].superseded_by == copies[1]
    assert (copies[0].mode, copies[0].effort) == ("plan", "high")
    assert of(exported(made)) == of(content)


@pytest.mark.parametrize("ways", [[0], [1, 0], [2, None], [1, 2, 1]])
def test_turns_that_give_way_in_a_circle_or_to_none_are_refused(owner, ways):
    given = form(turns=[turn_form(superseded_by=way) for way in ways])
    with pytest.raises(Refusal, match="superseded_by"):
        read(owner, given)


def test_a_file_that_came_with_a_message_is_named_and_its_bytes_stay(owner):
    from chat.services.attaching import intake

    talk = make_conversation(owner)
    one = intake.create(owner, "sales.csv", [b"price,42"])
    turn = turns.start_turn(talk, "Read it", attached=[one.pk])
    Turn.objects.filter(pk=turn.pk).update(status="completed")
    content = exported(talk)

    made = import_conversation(owner, content)

    assert b"price,42" not in content
    notes = Part.objects.filter(message__conversation=made, kind="note")
    assert "sales.csv was attached (text/plain, 1 kB)" in notes.get().text
    assert of(exported(made)) == of(content)


@pytest.mark.parametrize("kind", ["summary", "note", "asked"])
def test_every_kind_of_part_can_be_taken_back_in(owner, kind):
    turn = make_turn(make_conversation(owner))
    result = {"summary": "sum_aaaaaaaaaaaaaaaaaaaa", "label": "Stop here"}
    Part.objects.filter(message__turn=turn, message__role="assistant").update(
        kind=kind, state="done", text="words", result=result
    )
    content = exported(turn.conversation)
    made = import_conversation(owner, content)
    assert of(exported(made)) == of(content)
    assert b"sum_aaaa" not in content


def test_the_card_of_a_summary_that_came_as_a_file_leads_nowhere(owner):
    made = read(owner, with_part(kind="summary", text="So far", result={"summary": "../x"}))
    assert Part.objects.get(message__conversation=made).result == {}


def test_what_was_said_in_the_midst_of_a_turn_is_told_there(owner):
    said = [
        {"role": role, "created_at": MOMENT, "parts": [{"kind": "text", "text": text}]}
        for role, text in (("user", "A"), ("assistant", "B"), ("user", "C"), ("assistant", "D"))
    ]
    made = read(owner, form(turns=[turn_form(messages=said)]))
    told = [part["content"] for m in made.turns.get().history for part in m["parts"]]
    assert told == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    "part", ['{"kind":"text"}', '{"kind":"tool_call","arguments":{"a":[[],[],[],[],[],[],[],[]]}}']
)
def test_a_file_of_very_many_small_values_is_refused_before_they_are_made(owner, part) -> None:
    parts = ",".join([part] * 5_000)
    said = f'{{"role":"assistant","created_at":"{MOMENT}","parts":[{parts}]}}'
    many = (15 << 20) // len(said)
    turn = json.dumps(turn_form()).replace("[]", f"[{','.join([said] * many)}]")
    content = json.dumps(form()).replace("[]", f"[{turn}]").encode()
    assert len(content) < 20 << 20
    with (
        patch("chat.services.portability.importing.ConversationForm") as made,
        pytest.raises(Refusal) as told,
    ):
        import_conversation(owner, content)
    assert told.value.code == "limit"
    assert not made.mock_calls


def test_a_file_of_more_parts_than_a_conversation_has_is_refused_before_a_row_is_written(
    owner,
) -> None:
    said = {"role": "assistant", "created_at": MOMENT, "parts": [{"kind": "text"}] * 5_000}
    with pytest.raises(Refusal, match="50,000 messages and parts"):
        read(owner, form(turns=[turn_form(messages=[said] * 11)]))
    assert not Conversation.objects.exists()


def test_quotes_and_braces_in_texts_are_no_values(owner) -> None:
    code = '{"a": [1, 2, "\\\\"], b: {}}, ' * 40_000
    read(owner, with_part(text=code))


def test_every_kind_of_part_comes_back(owner) -> None:
    talk = make_conversation(owner)
    answer = make_turn(talk, status="completed").messages.get(role="assistant")
    for position, kind in enumerate(Part.Kind.values, 100):
        Part.objects.create(message=answer, position=position, kind=kind, text="kept", state="done")
    assert import_conversation(owner, exported(talk)).turns.count() == 1


def test_what_imported_calls_name_as_their_sandbox_is_no_pattern_for_the_export(owner) -> None:
    parts = [
        {"kind": "tool_call", "tool": "create_sandbox", "result": {"sandbox_id": one}}
        for one in ("a", "e", "the", " ")
    ]
    said = {"role": "assistant", "created_at": MOMENT, "parts": parts}
    talk = read(owner, form(title="the sea at noon", turns=[turn_form(messages=[said])]))
    assert of(exported(talk))["title"] == "the sea at noon"

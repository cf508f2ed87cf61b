"""Turns over real HTTP against a third-party mock of the providers, in each wire format."""

from __future__ import annotations

import pytest

FORMATS = ["custom:mock-model", "anthropic:claude-sonnet-5-5", "openai:gpt-6.1-sol"]


@pytest.fixture
def providers_at(llmock, settings, monkeypatch):
    """All providers are configured and point to the mock server."""
    from chat.agent import model_factory

    llmock.tool_mode("off")
    # The pauses between attempts are the SDKs'; one test below waits for them.
    monkeypatch.setattr(model_factory, "RETRIES", 0)
    settings.OPENAI_API_KEY = "sk-test-openai-secret"
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.ANTHROPIC_API_KEY = "sk-ant-test-secret"
    settings.ANTHROPIC_BASE_URL = llmock.base_url("anthropic")
    monkeypatch.setattr(model_factory, "OPENAI_URL", llmock.base_url("openai"))
    return llmock


def text_of(found) -> str:
    return "".join(part.text for part in found if part.kind == "text")


@pytest.mark.parametrize("model", FORMATS)
def test_an_answer_streams_into_a_text_part(providers_at, say, parts, model):
    providers_at.reply("Hello from the other side of the wire.")

    turn = say("Hello?", model=model)

    assert (turn.status, turn.error) == ("completed", None)
    assert text_of(parts(turn)) == "Hello from the other side of the wire."
    assert providers_at.last_request.stream
    assert turn.output_tokens > 0


@pytest.mark.sandbox
@pytest.mark.parametrize("model", FORMATS)
def test_the_model_calls_a_tool_and_gets_its_result(
    providers_at, sandbox_worker, conversation, say, parts, model
):
    providers_at.call_tool("create_sandbox", {"name": "wired"})
    providers_at.call_tool("run_command", {"command": "echo", "args": ["over", "the", "wire"]})
    providers_at.reply("It said: over the wire.")

    turn = say("Make a sandbox and greet me", model=model)

    assert (turn.status, turn.error) == ("completed", None)
    made, ran, said = parts(turn)
    assert (made.tool, made.state, made.arguments) == ("create_sandbox", "done", {"name": "wired"})
    assert (ran.state, ran.result["tail"]) == ("done", "over the wire")
    assert said.text == "It said: over the wire."
    assert "over the wire" in str(providers_at.last_request.body)
    conversation.refresh_from_db()
    assert conversation.sandbox.name == "wired"


@pytest.mark.parametrize("model", FORMATS)
def test_the_next_turn_tells_the_model_what_was_said_before(providers_at, say, model):
    providers_at.reply("Your name is Ada.")
    say("My name is Ada", model=model)
    providers_at.reply("Ada.")

    say("What is my name?", model=model)

    body = str(providers_at.last_request.body)
    assert "My name is Ada" in body and "Your name is Ada." in body


@pytest.mark.parametrize("model", FORMATS)
@pytest.mark.parametrize(
    ("status", "words", "action"),
    [
        (401, "did not accept the key", "settings"),
        (403, "did not accept the key", "settings"),
        (404, "does not know the model", "choose_model"),
        (429, "asked too often", "retry"),
        (500, "a problem of its own", "retry"),
        (503, "a problem of its own", "retry"),
    ],
)
def test_an_error_status_becomes_a_plain_sentence(
    providers_at, say, parts, model, status, words, action
):
    providers_at.fail(status, times=None, retry_after=0.01)

    turn = say("Hello?", model=model)

    assert turn.status == "failed"
    assert words in turn.error["title"]
    assert turn.error["action"] == action
    report = parts(turn)[-1]
    assert (report.kind, report.state) == ("error", "failed")
    assert "secret" not in str(turn.error) + report.text


@pytest.mark.parametrize("model", FORMATS)
def test_a_passing_failure_is_tried_again_a_bounded_number_of_times(
    providers_at, monkeypatch, say, model
):
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 2)
    providers_at.fail(503)
    providers_at.reply("Here I am.")
    recovered = say("Hello?", model=model)
    before = len(providers_at.requests)

    providers_at.fail(503, times=None)
    given_up = say("And now?", model=model)

    assert (recovered.status, given_up.status) == ("completed", "failed")
    assert len(providers_at.requests) - before == 3


@pytest.mark.parametrize("model", FORMATS)
@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("disconnect", "The answer was cut off"),
        ("corrupt", "The provider sent something that makes no sense"),
    ],
)
def test_a_broken_stream_is_told_and_what_arrived_is_kept(
    providers_at, say, parts, model, fault, title
):
    providers_at.reply("One two three four five six seven eight nine ten.", times=None)
    getattr(providers_at, fault)(after_chunks=4, times=None)

    turn = say("Count", model=model)

    assert turn.status == "failed"
    assert turn.error["action"] == "retry"
    assert turn.error["title"] == title
    found = parts(turn)
    assert found[-1].kind == "error"
    assert all(part.state not in ("streaming", "running") for part in found)


@pytest.mark.parametrize("model", FORMATS)
def test_an_answer_that_the_connection_ends_properly_is_whole_where_the_format_has_no_other_end(
    providers_at, say, parts, model
):
    """Servers of chat completions differ in how they say that an answer is over, and some only
    close the body; that a connection breaks is told by the transport. The other formats end by an
    event everywhere: what lacks it was cut off."""
    providers_at.reply("One two three four five six seven eight nine ten.", times=None)
    providers_at.truncate(after_chunks=4, times=None)

    turn = say("Count", model=model)

    found = parts(turn)
    if not model.startswith("custom"):
        assert (turn.status, turn.error["title"]) == ("failed", "The answer was cut off")
    else:
        assert (turn.status, turn.error) == ("completed", None)
        assert found[-1].text.startswith("One two")


@pytest.mark.parametrize("model", FORMATS)
def test_a_tool_call_that_breaks_off_is_not_carried_out(
    providers_at, say, parts, conversation, model
):
    providers_at.call_tool("create_sandbox", {"name": "half"}, times=None)
    providers_at.truncate(after_chunks=2, times=None)

    turn = say("Make a sandbox", model=model)

    assert turn.status == "failed"
    conversation.refresh_from_db()
    assert conversation.sandbox is None


@pytest.mark.parametrize("model", FORMATS)
def test_a_failed_turn_can_be_tried_again(providers_at, conversation, say, parts, model):
    from chat.agent import runtime
    from chat.services import turns

    providers_at.fail(401)
    failed = say("Say hello", model=model)
    providers_at.reply("Hello.")

    again = turns.retry_turn(failed)
    runtime.run(again.pk)

    again.refresh_from_db()
    assert (again.status, again.error) == ("completed", None)
    assert text_of(parts(again)) == "Hello."
    assert "Say hello" in str(providers_at.last_request.body)


@pytest.mark.parametrize("model", FORMATS)
def test_nobody_listening_is_told(providers_at, settings, monkeypatch, say, free_port, model):
    from chat.agent import model_factory

    nowhere = f"http://127.0.0.1:{free_port}/v1"
    settings.OPENAI_BASE_URL = settings.ANTHROPIC_BASE_URL = nowhere
    monkeypatch.setattr(model_factory, "OPENAI_URL", nowhere)

    turn = say("Hello?", model=model)

    assert turn.error["title"] == "The model's server cannot be reached"
    assert "Nothing answers" in turn.error["detail"]


@pytest.mark.parametrize("kind", ["malformed_arguments", "unknown_tool"])
@pytest.mark.parametrize("model", FORMATS)
def test_a_wrong_tool_call_gets_a_failed_card_and_the_model_another_chance(
    providers_at, say, parts, model, kind
):
    providers_at.call_tool("list_files", {"path": "src"})
    providers_at.break_tool_call(kind)
    providers_at.reply("Sorry, I did that wrongly.", times=None)

    turn = say("List the files", model=model)

    assert (turn.status, turn.error) == ("completed", None)
    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert card.state == "failed"


@pytest.mark.parametrize(
    ("headers", "version", "tells"),
    [
        ({"Transfer-Encoding": "chunked"}, b"HTTP/1.1", True),
        ({"Content-Length": "10"}, b"HTTP/1.0", True),
        ({"Connection": "close"}, b"HTTP/1.1", False),
        ({}, b"HTTP/1.0", False),
        ({}, b"HTTP/2", True),
    ],
)
def test_whether_a_transport_tells_a_whole_body_from_a_broken_one(headers, version, tells):
    from chat.agent.wire import client

    empty = client.httpx2.ByteStream(b"")
    response = client.httpx2.Response(
        200, headers=headers, extensions={"http_version": version}, stream=empty
    )
    assert client._says_its_end(response) is tells

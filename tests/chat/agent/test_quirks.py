"""Every quirk over real HTTP in both wire formats; after each the conversation goes on."""

from __future__ import annotations

import pytest

from tests.chat.agent.quirks import CALLS, LIMITS, QUIRKS, TEXTS
from tests.chat.agent.quirky_server import quirky_server

MODELS = ["custom:mock", "anthropic:mock"]


@pytest.fixture
def server(settings, monkeypatch):
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    with quirky_server() as started:
        settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = "sk-very-secret-key"
        settings.OPENAI_BASE_URL = f"{started.address}/v1"
        settings.ANTHROPIC_BASE_URL = started.address
        yield started


@pytest.fixture
def listing(monkeypatch):
    """The tool `list_files` without a sandbox; holds the paths that it was called with."""
    from chat.tools.list_files import tool

    asked = []

    async def sandbox(context, wanted):
        return "sandbox"

    async def call(service, sandbox, name):
        asked.append(name)
        return [], False

    monkeypatch.setattr(tool, "running_sandbox", sandbox)
    monkeypatch.setattr(tool, "call", call)
    return asked


def seen(found) -> list[tuple[str, str]]:
    return [
        (
            part.kind,
            str(part.arguments.get("path", ""))
            if part.kind == "tool_call"
            else part.text.partition("\n\n")[0]
            if part.kind == "error"
            else part.text,
        )
        for part in found
    ]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_a_quirk_becomes_what_was_meant_and_the_conversation_goes_on(
    server, listing, say, parts, model, quirk
):
    server.answers = [quirk] * quirk.times
    turn = say("Hello?", model=model)
    server.answers = []

    found = parts(turn)
    assert (turn.status, seen(found)[: len(quirk.parts)]) == (quirk.status, quirk.parts or [])
    assert quirk.error in str(turn.error) and bool(quirk.error) == bool(turn.error)
    assert "sk-" not in str(turn.error)
    assert all(part.state not in ("streaming", "running") for part in found)
    after = say("And now?", model=model)
    assert (after.status, after.error, seen(parts(after))) == (
        "completed",
        None,
        [("text", "Ordinary.")],
    )
    assert server.broken == []


@pytest.mark.parametrize("first", MODELS)
@pytest.mark.parametrize("quirk", [*CALLS, *TEXTS, *LIMITS], ids=lambda quirk: quirk.name)
def test_a_model_of_the_other_format_goes_on_with_the_conversation(
    server, listing, say, first, quirk
):
    server.answers = [quirk] * quirk.times
    say("Hello?", model=first)
    server.answers = []
    second = next(model for model in MODELS if model != first)

    after = [say("And now?", model=model) for model in (second, first)]

    assert [turn.status for turn in after] == ["completed"] * 2
    assert server.broken == []


@pytest.mark.parametrize("model", MODELS)
def test_a_call_that_was_cut_is_asked_for_in_smaller_pieces(server, listing, say, model):
    server.answers = [quirk for quirk in LIMITS if quirk.name == "the output limit cuts a call"]

    say("Hello?", model=model)

    assert "smaller pieces" in str(server.asked[1])
    assert listing == []

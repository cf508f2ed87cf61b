"""Turns with models of providers that users and the operator have entered, over real HTTP."""

from __future__ import annotations

import pytest

from chat.providers import ProviderError, endpoint_of
from chat.services.offered_models import language_models, model_providers
from tests.fixtures.models import KEY, make_model

FORMATS = ["openai-chat", "openai-responses", "anthropic", "openrouter", "groq", "mistral"]


@pytest.fixture(autouse=True)
def near(settings, monkeypatch):
    from chat.agent import model_factory

    settings.MODELS_PRIVATE = True
    monkeypatch.setattr(model_factory, "RETRIES", 0)


def at(llmock, wire: str) -> str:
    llmock.tool_mode("off")
    return llmock.base_url("anthropic" if wire == "anthropic" else "openai")


def text_of(found) -> str:
    return "".join(part.text for part in found if part.kind == "text")


@pytest.mark.parametrize(
    ("wire", "name"), [*((wire, "mock") for wire in FORMATS), ("openrouter", "vendor/mock")]
)
def test_a_users_own_provider_answers_in_each_format(llmock, owner, say, parts, wire, name):
    model = make_model(owner, at(llmock, wire), name, wire=wire)
    llmock.reply("From a provider of my own.")

    turn = say("Hello?", model=model.shown_id)

    assert (turn.status, turn.error) == ("completed", None)
    assert text_of(parts(turn)) == "From a provider of my own."


def test_a_model_of_somebody_else_is_not_there(llmock, owner, bob, say):
    model = make_model(bob, at(llmock, "openai-chat"))

    turn = say("Hello?", model=model.shown_id)

    assert turn.status == "failed"
    assert turn.error["title"].startswith("There is no model called")
    assert llmock.requests == []


def test_a_change_holds_from_the_next_turn_on(llmock, owner, say):
    model = make_model(owner, at(llmock, "openai-chat"))
    assert say("Hello?", model=model.shown_id).status == "completed"

    model_providers.change(model.provider, {"enabled": False})

    assert say("Hello again?").error["title"].startswith("There is no model called")


@pytest.mark.parametrize(
    ("wire", "name", "found"),
    [
        ("openai-responses", "gpt-5", lambda body: body["reasoning"]["effort"]),
        ("openai-chat", "gpt-5", lambda body: body["reasoning_effort"]),
        ("anthropic", "claude-sonnet-4-5", lambda body: body["thinking"]["budget_tokens"] > 1000),
    ],
)
def test_the_effort_reaches_the_providers_request(llmock, owner, conversation, wire, name, found):
    from chat.agent import runtime
    from chat.services import turns

    model = make_model(owner, at(llmock, wire), name, wire=wire)
    language_models.change(model, {"efforts": ["low", "high"]})

    turn = turns.start_turn(conversation, "Hello?", model=model.shown_id, effort="high")
    runtime.run(turn.pk)

    assert found(llmock.last_request.body) in ("high", True)
    turn.refresh_from_db()
    conversation.refresh_from_db()
    assert (turn.effort, conversation.effort) == ("high", "high")


def test_an_effort_that_the_model_lacks_becomes_its_first(llmock, owner, conversation):
    from chat.agent import runtime
    from chat.services import turns

    model = make_model(owner, at(llmock, "openai-chat"))
    language_models.change(model, {"efforts": ["low", "medium"]})

    turn = turns.start_turn(conversation, "Hello?", model=model.shown_id, effort="high")
    runtime.run(turn.pk)

    assert llmock.last_request.body["reasoning_effort"] == "low"


def test_a_model_without_efforts_is_asked_without(llmock, owner, say):
    model = make_model(owner, at(llmock, "openai-chat"))

    say("Hello?", model=model.shown_id)

    assert "reasoning_effort" not in llmock.last_request.body


def test_the_output_limit_of_a_model_is_sent(llmock, owner, say):
    model = make_model(owner, at(llmock, "anthropic"), "claude-sonnet-4-5", wire="anthropic")
    language_models.change(model, {"output_limit": 777})

    say("Hello?", model=model.shown_id)

    assert llmock.last_request.body["max_tokens"] == 777


def test_a_key_kept_with_another_secret_key_is_told_in_words(llmock, owner, settings):
    model = make_model(owner, at(llmock, "openai-chat"))
    settings.SECRET_KEY = "another-secret-key-of-the-platform"

    with pytest.raises(ProviderError) as refused:
        endpoint_of(model.shown_id, owner)

    assert "VIBE_SECRET_KEY_FORMER" in refused.value.detail


def test_a_former_secret_key_still_opens_it(llmock, owner, settings):
    model = make_model(owner, at(llmock, "openai-chat"))
    settings.SECRET_KEY_FORMER = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-the-platform"

    assert endpoint_of(model.shown_id, owner).key == KEY

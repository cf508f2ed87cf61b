"""Models as the agent library reaches them, and what people read when that fails."""

from __future__ import annotations

import pytest

from chat.agent import model_factory
from chat.providers import ProviderError, endpoint_of


@pytest.mark.parametrize("model", ["", "openai:", "nope", "nope:model", "Demo"])
def test_an_unknown_model_id_asks_to_choose_another(model):
    with pytest.raises(ProviderError) as refused:
        endpoint_of(model)

    assert refused.value.action == "choose_model"


@pytest.mark.parametrize("model", ["custom:mock", "anthropic:mock"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html><body>It works!</body></html>", "text/html"),
        ("", "text/event-stream"),
        ("data: {not json\n\n", "text/event-stream"),
        ('data: {"choices": 7}\n\n', "text/event-stream"),
        ("\x00\xff garbage", "application/octet-stream"),
    ],
)
def test_garbage_of_a_server_fails_the_turn_in_words(
    settings, answering, say, parts, model, body, kind
):
    settings.OPENAI_BASE_URL = settings.ANTHROPIC_BASE_URL = answering(body, kind=kind)
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"

    turn = say("Hello?", model=model)

    assert turn.status == "failed"
    assert turn.error["title"] == "The provider sent something that makes no sense"
    assert turn.error["action"] == "retry"
    assert "Traceback" not in turn.error["detail"]


@pytest.mark.parametrize("model", ["custom:mock", "anthropic:mock"])
def test_a_name_that_does_not_resolve_is_told(settings, monkeypatch, say, model):
    monkeypatch.setattr(model_factory, "RETRIES", 0)
    settings.OPENAI_BASE_URL = settings.ANTHROPIC_BASE_URL = "http://nowhere.invalid/v1"
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"

    turn = say("Hello?", model=model)

    assert turn.error["title"] == "The model's server cannot be reached"
    assert "name cannot be resolved" in turn.error["detail"]


@pytest.mark.parametrize("model", ["custom:mock", "anthropic:mock"])
def test_a_server_that_stays_silent_is_given_up(llmock, settings, monkeypatch, say, model):
    monkeypatch.setattr(model_factory, "RETRIES", 0)
    monkeypatch.setattr(model_factory, "SILENCE", 0.5)
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.ANTHROPIC_BASE_URL = llmock.base_url("anthropic")
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"
    llmock.delay(3, times=None)

    turn = say("Hello?", model=model)

    assert turn.error["title"] == "The model did not answer in time"


def test_a_providers_own_sentence_is_passed_on_without_the_key(llmock, settings, say):
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.OPENAI_API_KEY = "my-very-own-key"
    llmock.fail(422, message="Bad: my-very-own-key and sk-abcdefgh12345 are odd", times=None)

    turn = say("Hello?", model="custom:mock")

    assert turn.error["title"] == "The provider refused the request"
    assert "Bad: … and … are odd" in turn.error["detail"]

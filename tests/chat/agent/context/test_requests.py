"""What a request is made of, how caches are asked for, and what is noted of it."""

from __future__ import annotations

import pytest

from chat.models import ContextUse, PromptVersion
from chat.services.context import context_use, prompts, user_instructions
from tests.chat.agent.context.conftest import MODELS, answer, system

KINDS = ("system", "memory", "tools", "history", "summary")


@pytest.fixture
def operator(django_user_model):
    return django_user_model.objects.create_superuser("root")


@pytest.mark.parametrize("model", MODELS)
def test_operator_and_person_are_heard_in_this_order(server, say, owner, operator, model):
    prompts.add(PromptVersion.Kind.SYSTEM, "You are a carpenter.", operator)
    prompts.add(PromptVersion.Kind.OPERATOR, "Be polite.", operator)
    user_instructions.change(owner, "Answer in verse.")

    say("Hello", model=model)

    told = system(server.asked[-1])
    places = [told.index(word) for word in ("carpenter", "Be polite.", "Answer in verse.")]
    assert places == sorted(places)


@pytest.mark.parametrize("model", MODELS)
def test_each_request_begins_as_the_one_before_it(server, say, model):
    for number in range(3):
        say(f"Request {number}", model=model)

    def plain(asked):
        return [(m["role"], str(m["content"])) for m in asked["messages"]]

    first, second, third = map(plain, server.asked)
    assert second[: len(first)] == first and third[: len(second)] == second
    assert len({system(asked) for asked in server.asked}) == 1
    assert len({str(asked["tools"]) for asked in server.asked}) == 1


def test_anthropic_is_told_where_to_cache(server, say):
    say("Hello", model="anthropic:mock")
    assert "cache_control" in str(server.asked[-1])


def test_openai_is_sent_the_conversation_as_the_key_of_its_cache(
    llmock, settings, monkeypatch, say, conversation
):
    from chat.agent import model_factory

    llmock.reply("Hello.")
    settings.OPENAI_API_KEY = "sk-test"
    monkeypatch.setattr(model_factory, "OPENAI_URL", llmock.base_url("openai"))

    say("Hello", model="openai:gpt-6.1-sol")

    assert llmock.last_request.body["prompt_cache_key"] == conversation.pk


def test_openai_is_asked_for_its_tier_and_for_summaries_of_thoughts(
    llmock, settings, monkeypatch, say
):
    from chat.agent import model_factory

    llmock.reply("Hello.")
    settings.OPENAI_API_KEY = "sk-test"
    settings.OPENAI_TIER, settings.OPENAI_SUMMARIES = "priority", True
    monkeypatch.setattr(model_factory, "OPENAI_URL", llmock.base_url("openai"))

    say("Hello", model="openai:gpt-6.1-sol")

    asked = llmock.last_request.body
    assert asked["service_tier"] == "priority"
    assert asked["reasoning"]["summary"] == "auto"


def test_a_server_that_only_speaks_the_format_is_sent_no_such_key(server, say):
    say("Hello", model="custom:mock")
    assert "prompt_cache_key" not in server.asked[-1]


def test_anthropic_is_told_to_stream_arguments_as_they_are_written(server, say, monkeypatch):
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "ANTHROPIC_URL", server.address)

    say("Hello", model="anthropic:mock")

    assert all(tool["eager_input_streaming"] for tool in server.asked[-1]["tools"])


def test_a_server_that_only_speaks_anthropics_format_is_not_told_so(server, say):
    say("Hello", model="anthropic:mock")
    assert "eager_input_streaming" not in str(server.asked[-1])


@pytest.mark.parametrize("model", MODELS)
def test_the_parts_add_up_to_what_the_provider_has_counted(server, say, conversation, model):
    server.answers = [answer("Fine.", 5_432)]

    say("Hello", model=model)

    use = ContextUse.objects.get(conversation=conversation)
    assert (use.tokens, use.counted, use.size) == (5_432, True, 16_000)
    assert sum(getattr(use, kind) for kind in KINDS) == 5_432
    assert use.system > 0 and use.tools > 0 and use.history > 0


def test_without_a_count_the_parts_are_estimated(say, conversation):
    say("Hello", model="demo")
    found = context_use.of(conversation)
    assert (found["counted"], found["size"], found["free"]) == (False, None, None)
    assert sum(found[kind] for kind in KINDS) == found["tokens"] > 1_000


def test_what_came_from_the_providers_cache_is_told(server, say, conversation):
    read = {"input_tokens": 100, "cache_read_input_tokens": 5_000}
    quirk = answer("Fine.", 1)
    quirk.messages[0] = {"type": "message_start", "message": {"usage": read}}
    server.answers = [quirk]

    say("Hello", model="anthropic:mock")

    found = context_use.of(conversation)
    assert (found["cached"], found["tokens"]) == (5_000, 5_100)


def test_an_image_in_a_message_is_named_where_it_is_summed_up():
    from pydantic_ai.messages import BinaryContent, ModelRequest, UserPromptPart

    from chat.agent.context import amounts, transcript

    picture = BinaryContent(b"\x89PNG" * 100_000, media_type="image/png")
    message = ModelRequest(parts=[UserPromptPart(["Make it like this", picture])])
    assert amounts.of_message(message) < 2_000
    assert transcript.of([message], 10_000) == [
        "PERSON: Make it like this\n[an attachment of type image/png]"
    ]

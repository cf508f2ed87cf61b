from __future__ import annotations

import pytest

from vibe.refusal import Refusal


def test_a_retry_goes_on_from_the_last_finished_step(llmock, settings, say, parts):
    from chat.agent import runtime
    from chat.services import turns

    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.MAX_STEPS = 1
    llmock.tool_mode("off").call_tool("list_files", {"path": "src"})
    failed = say("Look around", model="custom:mock")
    settings.MAX_STEPS = 20
    llmock.reply("There is nothing.")

    again = turns.retry_turn(failed)
    runtime.run(again.pk)

    again.refresh_from_db()
    assert "1 steps, which is the limit" in failed.error["title"]
    assert (failed.status, again.status) == ("failed", "completed")
    sent = llmock.last_request.body["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    assert [part.text for part in parts(again)] == ["There is nothing."]


def test_what_a_retry_achieved_is_told_once_in_later_turns(llmock, settings, say):
    from chat.agent import runtime
    from chat.services import turns

    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    settings.MAX_STEPS = 1
    llmock.tool_mode("off").call_tool("list_files", {"path": "src"})
    failed = say("Look around", model="custom:mock")
    settings.MAX_STEPS = 20
    llmock.reply("There is nothing.")
    runtime.run(turns.retry_turn(failed).pk)
    llmock.reply("You are welcome.")

    say("Thank you")

    sent = llmock.last_request.body["messages"]
    roles = [message["role"] for message in sent]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


def test_a_completed_turn_cannot_be_tried_again(say):
    from chat.services import turns

    with pytest.raises(Refusal) as refused:
        turns.retry_turn(say("help"))

    assert refused.value.code == "conflict"


def test_only_the_latest_turn_can_be_tried_again(say):
    from chat.services import turns

    failed = say("Hello", model="nonsense")
    say("help", model="demo")

    with pytest.raises(Refusal):
        turns.retry_turn(failed)


def test_the_failed_answer_stays_visible_beside_the_new_one(say, conversation):
    from chat.agent import runtime
    from chat.services import turns

    failed = say("help", model="nonsense")
    again = turns.retry_turn(failed, model="demo")
    runtime.run(again.pk)

    roles = list(conversation.messages.values_list("role", "turn__status"))
    assert roles == [("user", "failed"), ("assistant", "failed"), ("assistant", "completed")]

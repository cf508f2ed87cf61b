"""The buttons of a failed card: have it mended, run it again, read on without scripts."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Message, Part
from tests.fixtures.rows import finish, make_command, make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User


@pytest.fixture
def failed(alice: User) -> Part:
    conversation = make_conversation(alice)
    conversation.sandbox = make_sandbox(alice)
    conversation.save()
    answer = Message.objects.get(turn=make_turn(conversation), role="assistant")
    command = finish(make_command(conversation.sandbox), exit_code=3)
    return Part.objects.create(
        message=answer, position=1, kind="tool_call", tool="run_command", state="failed",
        command=command, result={"tail": "the last words"},
    )  # fmt: skip


def said(conversation) -> str:
    newest = conversation.turns.order_by("created_at").last()
    return Part.objects.get(message__turn=newest, message__role="user").text


def test_fix_tells_the_model_what_failed_and_how(page: Client, failed: Part) -> None:
    conversation = failed.message.conversation

    answer = page.post(f"/parts/{failed.pk}/fix/", {"model": "demo"})

    assert (answer.status_code, answer.url) == (302, f"/c/{conversation.pk}/")
    assert said(conversation).startswith(f"`{failed.command.line}` failed: exit 3.")


def test_fix_is_asked_of_the_conversations_model_with_its_effort(
    page: Client, failed: Part
) -> None:
    conversation = failed.message.conversation
    conversation.model, conversation.effort = "openai:gpt-5", "medium"
    conversation.save()

    page.post(f"/parts/{failed.pk}/fix/")

    asked = conversation.turns.order_by("created_at").last()
    assert (asked.model, asked.effort) == ("openai:gpt-5", "medium")


def test_fix_of_another_users_card_is_none(other: Client, failed: Part) -> None:
    assert other.post(f"/parts/{failed.pk}/fix/").status_code == 404


def test_fix_is_asked_for_by_post_alone(page: Client, failed: Part) -> None:
    assert page.get(f"/parts/{failed.pk}/fix/").status_code == 405


def test_what_went_well_is_not_mended(page: Client, failed: Part) -> None:
    failed.command.exit_code = 0
    failed.command.save()

    page.post(f"/parts/{failed.pk}/fix/")

    assert failed.message.conversation.turns.count() == 1


def test_a_failed_card_offers_what_one_does_next(page: Client, failed: Part) -> None:
    body = page.get(f"/c/{failed.message.conversation_id}/").content.decode()

    for words in ("Fix", "Re-run", "Open in logs", "Copy command"):
        assert words in body
    assert f'action="/commands/{failed.command_id}/again/"' in body
    assert "the last words" in body


def test_a_card_whose_sandbox_is_gone_keeps_its_last_words(page: Client, failed: Part) -> None:
    from django.utils import timezone

    sandbox = failed.command.sandbox
    sandbox.deleted_at = timezone.now()
    sandbox.save()

    body = page.get(f"/c/{failed.message.conversation_id}/").content.decode()

    assert "the last words" in body and "went with its sandbox" in body
    assert f'id="tail-{failed.pk}"' not in body and "Re-run" not in body

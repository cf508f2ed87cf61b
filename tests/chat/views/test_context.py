"""The bar, the card and page of a summary, the memory, instructions and skills on the pages."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Part, Skill, Summary
from chat.services import conversations
from chat.services.context import context_use, memory, user_instructions
from sandboxes.services import files
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

SKILL = "---\nname: deploy\ndescription: How to deploy\n---\nPush it."


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def summary(conversation: Conversation) -> Summary:
    turn = make_turn(conversation, answer="It is built.")
    made = Summary.objects.create(
        conversation=conversation,
        through=turn,
        steps=2,
        turns=14,
        text="A <b>shop</b> is built.",
        rules=["Always use tabs."],
        said=["Build it"],
    )
    Part.objects.create(
        message=turn.messages.get(role="assistant"),
        position=1,
        kind="summary",
        state="done",
        text=made.text,
        result={
            "summary": made.pk,
            "turns": 14,
            "author": "model",
            "tokens_before": 96_000,
            "size": 128_000,
        },
    )
    return made


def test_the_thread_shows_the_card_of_a_summary(page: Client, summary: Summary) -> None:
    shown = page.get(f"/c/{summary.conversation_id}/").content.decode()
    assert "Earlier turns, summed up" in shown and "14 requests" in shown
    assert f"/summaries/{summary.pk}/#originals" in shown
    assert "<b>shop</b>" not in shown


def test_a_summary_that_is_being_made_says_so(page: Client, conversation: Conversation) -> None:
    turn = make_turn(conversation, status="running")
    answer = turn.messages.get(role="assistant")
    Part.objects.create(message=answer, position=1, kind="summary", state="running")
    assert "Summing up earlier turns" in page.get(f"/c/{conversation.pk}/").content.decode()


def test_the_page_of_a_summary_shows_own_words_and_originals(
    page: Client, summary: Summary
) -> None:
    shown = page.get(f"/summaries/{summary.pk}/").content.decode()
    for words in ("Always use tabs.", "Build it", "It is built.", "A &lt;b&gt;shop&lt;/b&gt;"):
        assert words in shown


def test_a_changed_summary_is_shown_in_the_thread(page: Client, summary: Summary) -> None:
    response = page.post(f"/summaries/{summary.pk}/", {"text": "A bakery."})
    assert response.status_code == 302
    shown = page.get(f"/c/{summary.conversation_id}/").content.decode()
    assert "A bakery." in shown and "edited" in shown


def test_an_empty_summary_is_refused_in_words(page: Client, summary: Summary) -> None:
    response = page.post(f"/summaries/{summary.pk}/", {"text": " "})
    assert response.status_code == 422
    assert "The summary would be empty." in response.content.decode()


def test_what_is_summed_up_in_a_later_one_says_so(page: Client, summary: Summary) -> None:
    Summary.objects.create(
        conversation=summary.conversation, through=summary.through, steps=2, turns=20, text="More."
    )
    shown = page.get(f"/summaries/{summary.pk}/").content.decode()
    assert "A later summary has taken this one in" in shown


def test_the_composer_has_a_bar_once_there_was_a_request(
    page: Client, conversation: Conversation
) -> None:
    url = f"/c/{conversation.pk}/"
    assert "context-bar" not in page.get(url).content.decode()
    kinds = {"system": 100, "memory": 0, "tools": 200, "history": 300, "summary": 400}
    left_out = ["AGENTS.md has 90,000 characters; the model is told the first 24,000."]
    context_use.record(conversation.pk, "custom:m", 10_000, kinds, counted=2_500, left_out=left_out)
    shown = page.get(url).content.decode()
    assert "25 %" in shown and left_out[0] in shown


def test_another_user_sees_none_of_it(other: Client, summary: Summary) -> None:
    said = summary.conversation.messages.get(role="user")
    assert other.get(f"/summaries/{summary.pk}/").status_code == 404
    assert other.post(f"/summaries/{summary.pk}/", {"text": "x"}).status_code == 404
    assert other.get(f"/c/{summary.conversation_id}/memory/").status_code == 404
    assert other.post(f"/messages/{said.pk}/remember/").status_code == 404


def test_the_memory_of_a_conversation_without_a_sandbox_says_what_to_do(
    page: Client, conversation: Conversation
) -> None:
    response = page.get(f"/c/{conversation.pk}/memory/")
    assert response.status_code == 200
    assert "has no sandbox yet" in response.content.decode()


def test_an_answer_of_the_model_cannot_be_remembered(page: Client, summary: Summary) -> None:
    answer = summary.conversation.messages.get(role="assistant")
    assert page.post(f"/messages/{answer.pk}/remember/").status_code == 404


def test_instructions_are_saved_and_shown_again(page: Client, alice: User) -> None:
    page.post("/instructions/", {"text": "Answer in verse."})
    assert user_instructions.of(alice) == "Answer in verse."
    assert "Answer in verse." in page.get("/instructions/").content.decode()


def test_instructions_that_are_too_long_stay_in_their_field(page: Client, alice: User) -> None:
    response = page.post("/instructions/", {"text": "verse " * 2_000})
    assert response.status_code == 422
    assert "verse verse" in response.content.decode() and user_instructions.of(alice) == ""


def test_a_skill_is_added_changed_and_deleted(page: Client, alice: User) -> None:
    page.post("/instructions/skills/", {"text": SKILL})
    skill = Skill.objects.get(owner=alice)
    page.post(f"/instructions/skills/{skill.pk}/", {"text": SKILL.replace("Push", "Pull")})
    skill.refresh_from_db()
    assert "Pull it." in skill.text
    page.post(f"/instructions/skills/{skill.pk}/", {"delete": "yes"})
    assert not Skill.objects.exists()


def test_a_skill_without_a_name_is_refused_in_words(page: Client) -> None:
    response = page.post("/instructions/skills/", {"text": "Just do it."})
    assert response.status_code == 422
    shown = response.content.decode()
    assert "A skill begins with its name" in shown and "Just do it." in shown


def test_somebody_elses_skill_cannot_be_changed(page: Client, other: Client, alice: User) -> None:
    page.post("/instructions/skills/", {"text": SKILL})
    skill = Skill.objects.get(owner=alice)
    assert other.post(f"/instructions/skills/{skill.pk}/", {"delete": "yes"}).status_code == 404
    assert Skill.objects.exists()


@pytest.mark.sandbox
def test_the_memory_is_shown_and_a_conflict_keeps_what_was_typed(owner: User, sandbox) -> None:
    client = Client()
    client.force_login(owner)
    found = make_conversation(owner)
    conversations.use_sandbox(found.pk, sandbox.pk)
    said = make_turn(found).messages.get(role="user")

    client.post(f"/messages/{said.pk}/remember/")
    assert "- Build it" in client.get(f"/c/{found.pk}/memory/").content.decode()

    files.write_files(sandbox, [("AGENTS.md", b"From another\n")])
    body = {"path": "AGENTS.md", "text": "Typed by me", "version": "old"}
    response = client.post(f"/c/{found.pk}/memory/", body)
    assert response.status_code == 409 and "Typed by me" in response.content.decode()
    assert memory.look(sandbox, "AGENTS.md").text == "From another\n"

    version = memory.look(sandbox, "AGENTS.md").version
    response = client.post(f"/c/{found.pk}/memory/", {**body, "version": version})
    assert response.status_code == 302
    assert memory.look(sandbox, "AGENTS.md").text == "Typed by me"

"""Links to conversations: who sees what, for how long, and what is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Conversation, Part, Share
from chat.services import conversations, turns
from chat.services.branching import attempts
from chat.services.sharing import links, remixing, throttle
from sandboxes.models import SandboxEvent
from tests.fixtures.people import client_of
from tests.fixtures.rows import (
    add_output,
    finish,
    make_command,
    make_conversation,
    make_sandbox,
    make_turn,
)
from vibe import redaction
from vibe.accounts.models import User
from vibe.refusal import Refusal

DAY = 86_400


@pytest.fixture
def shared(alice: User) -> Conversation:
    made = make_conversation(alice, sandbox=make_sandbox(alice))
    make_turn(made, answer="The first answer")
    return made


@pytest.fixture
def word(shared: Conversation) -> str:
    return links.create(shared, shared.owner, expires_in=DAY)[1]


def page(word: str, query: str = "") -> Any:
    return Client().get(f"/shared/{word}/{query}")


def test_whoever_has_the_link_reads_the_conversation_signed_out(word: str) -> None:
    answer = page(word)
    assert answer.status_code == 200
    assert "The first answer" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert "csrfmiddlewaretoken" not in answer.content.decode()


def revoke(share: Share) -> None:
    links.revoke(share, share.conversation.owner)


def expire(share: Share) -> None:
    Share.objects.update(expires_at=timezone.now())


def switch_owner_off(share: Share) -> None:
    User.objects.update(is_active=False)


def delete_owner(share: Share) -> None:
    User.objects.all().delete()


def delete_conversation(share: Share) -> None:
    conversations.delete(share.conversation)


ENDS = [revoke, expire, switch_owner_off, delete_owner, delete_conversation]


@pytest.mark.parametrize("end", ENDS)
def test_a_link_that_has_ended_is_like_one_that_never_was(
    shared: Conversation, word: str, end: Callable[[Share], None]
) -> None:
    end(Share.objects.get())
    answer, never = page(word), page("x" * links.LENGTH)
    assert (answer.status_code, never.status_code) == (404, 404)
    assert answer.content == never.content
    assert "expired or was taken back" in answer.content.decode()


def test_links_that_are_switched_off_show_nothing(word: str, settings: Any) -> None:
    settings.SHARE_LINKS = False
    assert page(word).status_code == 404


def test_an_archived_conversation_is_still_read_by_its_link(shared, word: str) -> None:
    conversations.archive(shared)
    assert page(word).status_code == 200


def test_the_word_of_a_link_is_neither_kept_nor_logged(shared: Conversation, word: str) -> None:
    row = Share.objects.values().get()
    assert word not in str(row)
    assert word not in redaction.redacted(f"GET /shared/{word}/ 200")
    assert word not in str(list(SandboxEvent.objects.values()))


def test_what_comes_after_the_link_is_not_shown(shared: Conversation, word: str) -> None:
    make_turn(shared, answer="A later answer")
    conversations.rename(shared, "A todo app")
    body = page(word).content.decode()
    assert "The first answer" in body
    assert "A later answer" not in body


def test_an_attempt_set_aside_later_is_shown_as_it_was(shared: Conversation, word: str) -> None:
    attempts.regenerate(shared.turns.get())
    assert "The first answer" in page(word).content.decode()


def test_a_turn_under_way_is_not_shown(shared: Conversation) -> None:
    make_turn(shared, status="running", answer="half of an answer")
    _, word = links.create(shared, shared.owner, expires_in=DAY)
    assert "half of an answer" not in page(word).content.decode()


def test_output_of_a_command_that_ended_later_is_not_shown(shared: Conversation) -> None:
    command = make_command(shared.sandbox)
    answer = shared.messages.get(role="assistant")
    Part.objects.create(
        message=answer, position=1, kind="tool_call", tool="run_command", command=command,
        state="background", result={"tail": "listening"},
    )  # fmt: skip
    _, word = links.create(shared, shared.owner, expires_in=DAY)
    finish(add_output(command, (1, b"listening\nlater visitors\n")))
    body = page(word).content.decode()
    assert "listening" in body
    assert "later visitors" not in body
    _, later = links.create(shared, shared.owner, expires_in=DAY)
    assert "later visitors" in page(later).content.decode()


def test_each_step_has_a_page_of_its_own(shared: Conversation) -> None:
    make_turn(shared, answer="The second answer")
    _, word = links.create(shared, shared.owner, expires_in=DAY)
    assert "?step=3" in page(word).content.decode()
    second = page(word, "?step=2").content.decode()
    assert "2 of 4" in second
    assert "The first answer" in second
    assert "The second answer" not in second
    assert page(word, "?step=junk&line=-1&file=%00").status_code == 200


def test_a_link_that_lives_too_long_is_refused(shared: Conversation, settings: Any) -> None:
    settings.SHARE_LINK_DAYS = 2
    with pytest.raises(Refusal, match="cannot live that long"):
        links.create(shared, shared.owner, expires_in=3 * DAY)


def test_a_conversation_has_so_many_links_at_once(shared: Conversation) -> None:
    for _ in range(links.MOST_OPEN):
        links.create(shared, shared.owner, expires_in=DAY)
    with pytest.raises(Refusal, match="at most"):
        links.create(shared, shared.owner, expires_in=DAY)
    links.revoke(shared.shares.first(), shared.owner)
    links.create(shared, shared.owner, expires_in=DAY)


def test_links_are_written_to_the_event_log_once(shared: Conversation, word: str) -> None:
    share = Share.objects.get()
    revoke(share)
    revoke(share)
    told = SandboxEvent.objects.filter(kind="access").order_by("id")
    assert [one.data["status"] for one in told] == ["open", "revoked"]
    assert "alice shared the conversation by a link until" in told[0].text


def test_guessing_at_links_is_slowed_down(redis: object, db: None) -> None:
    for _ in range(throttle.MISSES):
        assert page("x" * links.LENGTH).status_code == 404
    answer = page("x" * links.LENGTH)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)


def test_a_link_without_remixes_lets_nobody_take_anything(word: str, bob: User) -> None:
    with pytest.raises(Refusal, match="read only"):
        remixing.remix(word, bob)
    assert Conversation.objects.count() == 1


def test_who_is_signed_out_is_asked_to_sign_in_before_a_remix(word: str) -> None:
    answer = Client().get(f"/shared/{word}/remix/")
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in/")


def test_a_program_makes_lists_and_ends_links(shared: Conversation, as_alice: Client) -> None:
    path = f"/api/v1/conversations/{shared.pk}/shares"
    made = as_alice.post(path, {"remix": True, "expires_in": 60}, "application/json")
    assert made.status_code == 201
    link = made.json()["url"]
    assert page(link.rstrip("/").rpartition("/")[2]).status_code == 200
    listed = as_alice.get(path).json()["items"]
    assert [(one["status"], "url" in one) for one in listed] == [("open", False)]
    ended = as_alice.delete(f"/api/v1/shares/{made.json()['id']}")
    assert (ended.status_code, ended.json()["status"]) == (200, "revoked")
    assert page(link.rstrip("/").rpartition("/")[2]).status_code == 404


def test_a_program_is_told_why_it_cannot_remix(word: str, bob: User) -> None:
    program = client_of(bob)
    answer = program.post("/api/v1/remixes", {"link": f"/shared/{word}/"}, "application/json")
    assert answer.status_code == 403
    answer = program.post("/api/v1/remixes", {"link": "no such word"}, "application/json")
    assert answer.status_code == 404


def test_the_model_is_told_where_the_files_of_a_remix_come_from(alice: User) -> None:
    made = make_conversation(alice, remixed={"title": "x", "left_out": [".env"]})
    first = turns.start_turn(made, "go on")
    assert ".env" in remixing.note_for(first)
    make_turn(made)
    assert remixing.note_for(first) == ""


def test_a_link_is_made_and_taken_back_on_the_page(shared: Conversation, alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    path = f"/c/{shared.pk}/shares/"
    body = browser.post(path, {"days": "7"}).content.decode()
    assert f"/shared/{body.split('/shared/')[1][: links.LENGTH]}/" in body
    share = Share.objects.get()
    assert share.expires_at - share.created_at <= timedelta(days=7, seconds=5)
    browser.post(f"/shares/{share.pk}/revoke/")
    assert "taken back" in browser.get(path).content.decode()

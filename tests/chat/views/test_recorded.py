"""Recorded sessions on the workbench: a group of models, a note, a button for the next part."""

from __future__ import annotations

from django.test import Client

from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User


def test_recordings_are_a_group_of_the_list_of_models(page: Client, alice: User) -> None:
    body = page.get("/new/").content.decode()

    group = body.partition('<optgroup label="Recorded sessions">')[2].partition("</optgroup>")[0]
    assert 'value="recorded:todo-then-dark"' in group
    assert "Recorded: A to-do app, then dark mode" in group
    assert 'value="demo"' not in group


def test_a_recording_is_labelled_and_next_is_a_button(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation, answer="Press Next.\n\n```suggestions\nNext\n```")
    turn.model = conversation.model = "recorded:todo-then-dark"
    turn.save()
    conversation.save()

    body = page.get(f"/c/{conversation.pk}/").content.decode()

    assert "Recorded session:" in body
    assert "Demo model:" not in body
    assert 'value="Next"' in body

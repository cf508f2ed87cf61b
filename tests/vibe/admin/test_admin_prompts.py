"""Operators change what every model is told, and go back."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import PromptVersion
from chat.services.context import prompts
from vibe.accounts.models import User

URL = "/admin/chat/promptversion/"
SYSTEM = PromptVersion.Kind.SYSTEM


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def add(client: Client, text: str, kind: str = SYSTEM) -> PromptVersion:
    client.post(f"{URL}add/", {"kind": kind, "text": text, "note": "why"})
    return PromptVersion.objects.get(text=text.strip())


def act(client: Client, action: str, *versions: PromptVersion) -> str:
    body = {"action": action, "_selected_action": [version.pk for version in versions]}
    return client.post(URL, body, follow=True).content.decode()


def test_without_a_version_ours_holds(db: None) -> None:
    assert prompts.text(SYSTEM).startswith("You are the builder in Vibe")


def test_the_form_of_a_new_version_begins_as_what_holds(root: Client) -> None:
    assert "You are the builder in Vibe" in root.get(f"{URL}add/").content.decode()
    add(root, "You are a carpenter.")
    assert "You are a carpenter." in root.get(f"{URL}add/").content.decode()


def test_a_new_version_holds_and_says_who_made_it(root: Client) -> None:
    made = add(root, "You are a carpenter.")
    assert prompts.text(SYSTEM) == "You are a carpenter."
    assert (made.author.username, made.note, made.active) == ("root", "why", True)


def test_an_earlier_version_can_hold_again_and_so_can_ours(root: Client) -> None:
    first = add(root, "First.")
    second = add(root, "Second.")
    act(root, "activate", first)
    assert prompts.text(SYSTEM) == "First."
    act(root, "back_to_ours", second)
    assert prompts.text(SYSTEM) == prompts.ours(SYSTEM)


def test_both_kinds_are_versions_of_their_own(root: Client) -> None:
    add(root, "You are a carpenter.")
    other = add(root, "Be polite.", PromptVersion.Kind.OPERATOR)
    act(root, "back_to_ours", other)
    assert prompts.text(SYSTEM) == "You are a carpenter."
    assert prompts.text(PromptVersion.Kind.OPERATOR) == ""


def test_a_version_shows_how_it_differs_from_ours(root: Client) -> None:
    made = add(root, prompts.ours(SYSTEM).replace("# Manner", "# Manners"))
    shown = root.get(f"{URL}{made.pk}/change/").content.decode()
    assert "<del>-# Manner</del>" in shown and "<ins>+# Manners</ins>" in shown


def test_an_empty_version_is_no_version(root: Client) -> None:
    root.post(f"{URL}add/", {"kind": SYSTEM, "text": "  ", "note": ""})
    assert not PromptVersion.objects.exists()


def test_a_text_that_is_too_long_is_refused_in_words(root: Client) -> None:
    text = "x" * 20_001
    shown = root.post(f"{URL}add/", {"kind": "operator", "text": text}).content.decode()
    assert "20,000 is the limit" in shown
    assert not PromptVersion.objects.exists()


def test_staff_without_the_permission_cannot_choose(root: Client, db: None) -> None:
    from django.contrib.auth.models import Permission

    first, second = add(root, "First."), add(root, "Second.")
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_promptversion"))
    client = Client()
    client.force_login(clerk)
    act(client, "activate", first)
    second.refresh_from_db()
    assert second.active

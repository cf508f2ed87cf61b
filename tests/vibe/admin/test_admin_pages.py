"""Every page of the admin answers, and a longer list is not more queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from chat.models import Part
from sandboxes.models import Command, Drive, LogChunk
from tests.fixtures.rows import (
    add_output,
    finish,
    make_command,
    make_conversation,
    make_sandbox,
    make_turn,
)
from vibe.accounts.models import User


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def changelist(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_the_index_is_called_vibe_and_links_to_the_queues(root: Client) -> None:
    page = root.get("/admin/").content.decode()
    assert "· Vibe</title>" in page
    assert "css/admin.css" in page
    assert reverse("admin:django_rq_dashboard_changelist") in page


def test_every_list_and_its_search_answer(root: Client, alice: User) -> None:
    make_command(make_sandbox(alice))
    make_turn(make_conversation(alice))
    for model, model_admin in admin.site._registry.items():
        url = changelist(model)
        assert root.get(url).status_code == 200, url
        if model_admin.search_fields:
            assert root.get(url, {"q": "x"}).status_code == 200, url


def test_log_rows_are_not_registered() -> None:
    assert not admin.site.is_registered(LogChunk)


@pytest.mark.parametrize("what", ["sandbox", "command", "drive", "conversation", "turn"])
def test_more_rows_are_not_more_queries(
    root: Client, alice: User, what: str, django_assert_max_num_queries: Any
) -> None:
    def add(number: int) -> type:
        sandbox = make_sandbox(alice, f"s{number}")
        command = make_command(sandbox)
        conversation = make_conversation(alice, sandbox=sandbox)
        turn = make_turn(conversation)
        drive = Drive.objects.create(
            owner=alice, name=f"d{number}", max_size_bytes=1, session=sandbox.session
        )
        rows = (sandbox, command, drive, conversation, turn)
        return next(type(row) for row in rows if row._meta.model_name == what)

    url = changelist(add(0))
    root.get(url)
    with django_assert_max_num_queries(20) as few:
        root.get(url)
    for number in range(1, 15):
        add(number)
    with django_assert_max_num_queries(len(few)):
        assert root.get(url).content.count(b"action-checkbox") or what != "sandbox"


def test_a_sandbox_shows_its_sessions_and_hides_values_of_its_environment(
    root: Client, alice: User
) -> None:
    sandbox = make_sandbox(alice, env={"TOKEN": "s3cret"})
    page = root.get(reverse("admin:sandboxes_sandbox_change", args=[sandbox.pk])).content.decode()
    assert sandbox.session.pk in page
    assert "TOKEN" in page and "s3cret" not in page


def test_a_sandbox_links_to_its_commands(root: Client, alice: User) -> None:
    sandbox, other = make_sandbox(alice, "one"), make_sandbox(alice, "two")
    make_command(sandbox, executable="first")
    make_command(other, executable="second")
    url = changelist(Command)
    page = root.get(url, {"sandbox__id__exact": sandbox.pk}).content.decode()
    assert "first" in page and "second" not in page


def test_a_command_shows_the_end_of_its_log_escaped(root: Client, alice: User) -> None:
    command = make_command(make_sandbox(alice))
    finish(add_output(command, (1, b"x" * 100_000), (2, b"<script>alert(1)</script>\n")))
    page = root.get(reverse("admin:sandboxes_command_change", args=[command.pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert page.count("x") < 70_000
    assert f"/sandboxes/{command.sandbox_id}/" in page


def test_a_command_cannot_be_changed_by_hand(root: Client, alice: User) -> None:
    command = make_command(make_sandbox(alice))
    url = reverse("admin:sandboxes_command_change", args=[command.pk])
    assert root.post(url, {"status": "finished"}).status_code == 403
    assert root.get(reverse("admin:sandboxes_command_add")).status_code == 403


def test_a_conversation_shows_its_messages_escaped(root: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation, answer="<b>bold</b>")
    Part.objects.create(
        message=turn.messages.get(role="assistant"),
        position=1,
        kind="tool_call",
        state="done",
        tool="run_command",
        arguments={"command": "ls"},
    )
    url = reverse("admin:chat_conversation_change", args=[conversation.pk])
    page = root.get(url).content.decode()
    assert "Build it" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "run_command (done)" in page


def test_a_long_conversation_is_not_more_queries(
    root: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    conversation = make_conversation(alice)
    make_turn(conversation)
    url = reverse("admin:chat_conversation_change", args=[conversation.pk])
    root.get(url)
    with django_assert_max_num_queries(20) as few:
        root.get(url)
    for _ in range(10):
        make_turn(conversation)
    with django_assert_max_num_queries(len(few)):
        root.get(url)


def test_staff_without_permissions_sees_no_sandboxes(db: None, alice: User) -> None:
    make_sandbox(alice)
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/sandboxes/sandbox/").status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(db: None) -> None:
    response = Client().get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/sign-in/")


def test_a_user_who_is_no_staff_does_not_get_in(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    response = client.get("/admin/", follow=True)
    assert b"not authorized" in response.content or response.status_code == 403

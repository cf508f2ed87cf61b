"""The buttons of the admin call the services that pages and programs call."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from sandboxes.models import Terminal
from tests.fixtures.rows import add_output, make_command, make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User

SANDBOXES = "/admin/sandboxes/sandbox/"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def act(client: Client, url: str, action: str, *keys: str) -> str:
    body = {"action": action, "_selected_action": keys}
    return client.post(url, body, follow=True).content.decode()


def test_stop_works(root: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    page = act(root, SANDBOXES, "stop", sandbox.pk)
    sandbox.refresh_from_db()
    assert (sandbox.session.status, sandbox.session.stop_reason) == ("stopping", "user")
    assert "Stopped 1 of the selected sandboxes." in page


def test_delete_works(root: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    act(root, SANDBOXES, "delete", sandbox.pk)
    sandbox.refresh_from_db()
    assert sandbox.deleted_at is not None
    assert sandbox.session.stop_reason == "deleted"


def test_a_deleted_sandbox_is_left_alone(root: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    act(root, SANDBOXES, "delete", sandbox.pk)
    sandbox.refresh_from_db()
    before = sandbox.deleted_at
    assert "Nothing to do" in act(root, SANDBOXES, "delete", sandbox.pk)
    sandbox.refresh_from_db()
    assert sandbox.deleted_at == before


def test_staff_that_may_only_look_cannot_stop(alice: User) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_sandbox"))
    client = Client()
    client.force_login(clerk)
    sandbox = make_sandbox(alice)
    assert client.get(SANDBOXES).status_code == 200
    act(client, SANDBOXES, "stop", sandbox.pk)
    sandbox.refresh_from_db()
    assert sandbox.session.status == "running"


def test_stopping_a_turn_works(root: Client, alice: User) -> None:
    turn = make_turn(make_conversation(alice), status="queued")
    act(root, "/admin/chat/turn/", "stop", turn.pk)
    turn.refresh_from_db()
    assert turn.status == "stopped"


def make_terminal(owner: User) -> Terminal:
    sandbox = make_sandbox(owner)
    command = make_command(sandbox, tty=True, status="running")
    add_output(command, (1, b"\x1b[32m~\x1b[0m $ make <all>\r\n"))
    return Terminal.objects.create(sandbox=sandbox, command=command, name="Shell 1")


def test_a_terminal_shows_its_owner_and_screen(root: Client, alice: User) -> None:
    terminal = make_terminal(alice)
    listed = root.get("/admin/sandboxes/terminal/").content.decode()
    assert "Shell 1" in listed and "alice" in listed and "80 × 24" in listed
    page = root.get(f"/admin/sandboxes/terminal/{terminal.pk}/change/").content.decode()
    assert "~ $ make &lt;all&gt;" in page


def test_closing_a_terminal_works(root: Client, alice: User) -> None:
    terminal = make_terminal(alice)
    page = act(root, "/admin/sandboxes/terminal/", "close", terminal.pk)
    terminal.refresh_from_db()
    assert terminal.closed_at is not None
    assert terminal.command.stop_requested_at is not None
    assert "Closed 1 terminal." in page
    assert "Shell 1" not in root.get("/admin/sandboxes/terminal/?open=1").content.decode()
    assert "Shell 1" in root.get("/admin/sandboxes/terminal/?open=0").content.decode()


def test_staff_that_may_only_look_cannot_close(alice: User) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_terminal"))
    client = Client()
    client.force_login(clerk)
    terminal = make_terminal(alice)
    act(client, "/admin/sandboxes/terminal/", "close", terminal.pk)
    terminal.refresh_from_db()
    assert terminal.closed_at is None

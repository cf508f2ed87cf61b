"""Servers of tools of everybody in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import ToolServer
from chat.services.mcp import server_tools, tool_servers
from tests.chat.tool_server import ECHO, Server
from vibe.accounts.models import User

ADMIN = "/admin/chat/toolserver/"
SECRET = "very-secret-word-1234567890"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def served():
    server = Server()
    yield server
    server.close()


def test_a_local_server_is_added_and_tested_for_everybody(root: Client, served: Server) -> None:
    data = {"name": "Local", "url": served.url, "enabled": "on", "headers": f"X-Key: {SECRET}"}

    assert root.post(f"{ADMIN}add/", data).status_code == 302
    made = ToolServer.objects.get()
    tested = root.post(ADMIN, {"action": "test", "_selected_action": [made.pk]}, follow=True)

    assert (made.owner, made.slug, made.header_names) == (None, "local", ["X-Key"])
    assert "it answers, 1 tools" in tested.content.decode()
    assert SECRET not in root.get(f"{ADMIN}{made.pk}/change/").content.decode()


def test_the_operator_marks_tools_that_only_read(root: Client, served: Server) -> None:
    served.tools = [ECHO, {**ECHO, "name": "write"}]
    server = tool_servers.create(None, name="Local", url=served.url)
    server_tools.check(server, User.objects.get())
    data = {"name": "Local", "url": served.url, "enabled": "on", "read_only": ["echo"]}

    root.post(f"{ADMIN}{server.pk}/change/", data)

    server.refresh_from_db()
    assert (server.read_only, len(server.tools)) == (["echo"], 2)


def test_those_of_users_are_not_in_it(root: Client, alice: User) -> None:
    own = tool_servers.create(alice, name="Hers", url="https://tools.example.com/mcp")

    assert "Hers" not in root.get(ADMIN).content.decode()
    assert root.get(f"{ADMIN}{own.pk}/change/").status_code == 302


def test_a_refusal_stands_beside_the_form(root: Client) -> None:
    response = root.post(f"{ADMIN}add/", {"name": "x", "url": "ftp://x"})

    assert response.status_code == 200
    assert "The address cannot be used." in response.content.decode()

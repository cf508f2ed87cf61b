"""Terminals and standard input for programs."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from sandboxes.output import replay
from sandboxes.services import commands
from tests.fixtures.people import client_of
from vibe.accounts.models import User

pytestmark = pytest.mark.sandbox
JSON = "application/json"


@pytest.fixture
def terminal(as_owner: Client, sandbox: Sandbox) -> dict[str, Any]:
    url = f"/api/v1/sandboxes/{sandbox.id}/terminals"
    response = as_owner.post(url, {"cols": 100, "rows": 30}, content_type=JSON)
    assert response.status_code == 201, response.content
    return response.json()


def test_a_terminal_is_opened_listed_changed_and_closed(
    as_owner: Client, sandbox: Sandbox, terminal: dict[str, Any]
) -> None:
    listing, one = (
        f"/api/v1/sandboxes/{sandbox.id}/terminals",
        f"/api/v1/terminals/{terminal['id']}",
    )
    assert [item["name"] for item in as_owner.get(listing).json()["items"]] == ["Shell 1"]
    change = {"name": "logs", "cols": 120}
    changed = as_owner.patch(one, change, content_type=JSON).json()
    assert (changed["name"], changed["cols"], changed["rows"]) == ("logs", 120, 30)
    assert as_owner.delete(one).status_code == 204
    assert as_owner.get(listing).json()["items"] == []


def test_another_user_cannot_connect_to_it(
    django_user_model: type[User], terminal: dict[str, Any]
) -> None:
    stranger = client_of(django_user_model.objects.create_user("mallory"))
    response = stranger.post(f"/api/v1/terminals/{terminal['id']}/connect", content_type=JSON)
    assert response.status_code == 404


def begin(client: Client, sandbox: Sandbox, **more: Any) -> str:
    body = {"command": "cat", "stdin": True} | more
    url = f"/api/v1/sandboxes/{sandbox.id}/commands"
    return client.post(url, body, content_type=JSON).json()["id"]


def test_a_program_writes_to_a_command_and_ends_its_input(
    as_owner: Client, sandbox: Sandbox
) -> None:
    command = begin(as_owner, sandbox)
    url = f"/api/v1/commands/{command}/stdin"
    first = as_owner.post(url, {"text": "one\n", "offset": 0}, content_type=JSON).json()
    assert first == {"written": 4, "open": True}
    again = {"data": base64.b64encode(b"one\ntwo\n").decode(), "offset": 0, "close": True}
    assert as_owner.post(url, again, content_type=JSON).json() == {"written": 8, "open": False}
    commands.wait(commands.get_for(sandbox.owner, command), 20)
    assert replay.text(commands.get_for(sandbox.owner, command)) == "one\ntwo\n"


def test_a_gap_is_a_conflict(as_owner: Client, sandbox: Sandbox) -> None:
    url = f"/api/v1/commands/{begin(as_owner, sandbox)}/stdin"
    response = as_owner.post(url, {"text": "x", "offset": 7}, content_type=JSON)
    assert response.status_code == 409


def test_a_command_without_input_is_refused(as_owner: Client, sandbox: Sandbox) -> None:
    url = f"/api/v1/commands/{begin(as_owner, sandbox, stdin=False)}/stdin"
    response = as_owner.post(url, {"text": "x"}, content_type=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "stdin_unavailable")

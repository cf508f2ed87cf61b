"""A conversation remembers the port and path that its preview shows."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from chat.models import Conversation
from sandboxes.models import Sandbox
from vibe.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation() -> Conversation:
    return Conversation.objects.create(owner=User.objects.create(username="one"))


def said(client, conversation: Conversation, body: object, user: User | None = None) -> int:
    client.force_login(user or conversation.owner)
    address = reverse("chat:remember_preview", args=[conversation.pk])
    answer = client.post(address, json.dumps(body), content_type="application/json")
    return answer.status_code


def test_port_and_path_are_kept(client, conversation):
    assert said(client, conversation, {"port": 5173, "path": "/a?b=c#d"}) == 204
    conversation.refresh_from_db()
    assert conversation.preview == {"port": 5173, "path": "/a?b=c#d"}


@pytest.mark.parametrize(
    "body",
    [
        {"port": 80, "path": "/"},
        {"port": True, "path": "/"},
        {"port": "3000", "path": "/"},
        {"port": 3000, "path": "//\0"},
        {"port": 3000, "path": "elsewhere"},
        {"port": 3000, "path": "/" + "a" * 2000},
        {"port": 3000},
        [],
    ],
)
def test_what_is_no_port_and_path_is_refused(client, conversation, body):
    assert said(client, conversation, body) == 400
    conversation.refresh_from_db()
    assert conversation.preview == {}


def test_a_stranger_changes_nothing(client, conversation):
    other = User.objects.create(username="other")
    assert said(client, conversation, {"port": 3000, "path": "/"}, other) == 404


def test_how_it_is_looked_at_is_kept_beside_them(client, conversation):
    assert said(client, conversation, {"port": 5173, "path": "/a"}) == 204
    looked = {"size": "phone", "turned": True, "zoom": "75", "features": ["camera", "camera"]}
    assert said(client, conversation, looked) == 204
    conversation.refresh_from_db()
    kept = {"port": 5173, "path": "/a", **looked, "features": ["camera"]}
    assert conversation.preview == kept


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"size": "watch"},
        {"zoom": 75},
        {"turned": 1},
        {"features": ["everything"]},
        {"features": "camera"},
        {"console": "off"},
        {"size": ["phone"]},
        {"other": 1},
        {"port": 3000, "path": "/", "size": "watch"},
    ],
)
def test_no_other_choice_is_kept(client, conversation, body):
    assert said(client, conversation, body) == 400
    conversation.refresh_from_db()
    assert conversation.preview == {}


def test_the_console_is_a_choice_of_the_sandbox(client, conversation):
    conversation.sandbox = Sandbox.objects.create(
        owner=conversation.owner, name="box", number=1, timeout=60
    )
    conversation.save()
    assert said(client, conversation, {"console": False}) == 204
    conversation.refresh_from_db()
    assert conversation.preview == {}
    assert conversation.sandbox.preview_console is False

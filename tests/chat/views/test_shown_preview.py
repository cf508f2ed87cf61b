"""A conversation remembers the port and path that its preview shows."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from chat.models import Conversation
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

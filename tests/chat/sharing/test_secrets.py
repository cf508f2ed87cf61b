"""Nothing secret is on a shared page, nor on any page that it leads to, nor in what is remixed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from chat.models import Conversation
from chat.services.sharing import links, remixing
from sandboxes.host import shares
from sandboxes.models import Sandbox
from sandboxes.services import readiness, snapshots
from tests.chat.sharing.planted import plant, text_of
from vibe.accounts.models import User
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox


def pages_of(client: Client, start: str) -> dict[str, str]:
    """The page, and every page of it that it leads to, by their addresses."""
    found: dict[str, str] = {}
    waiting = [""]
    while waiting:
        query = waiting.pop()
        answer = client.get(f"{start}{query}")
        assert answer.status_code == 200, (query, answer.content)
        found[query] = answer.content.decode()
        for name, value in answer.headers.items():
            found[query] += f"\n{name}: {value}"
        linked = re.findall(r'(?:href|action|src)="(\?[^"]*)"', found[query])
        waiting += {html.unescape(one) for one in linked} - {*found, *waiting}
    return found


def test_no_planted_secret_is_anywhere_on_the_page_or_in_a_remix(
    conversation: Conversation, sandbox: Sandbox, settings: Any
) -> None:
    settings.MODELS_PRIVATE = True
    secrets = plant(conversation, sandbox)
    _, word = links.create(
        conversation, conversation.owner, expires_in=3600, may_remix=True, with_data=True
    )
    pages = pages_of(Client(), f"/shared/{word}/")
    whole = "\n".join(pages.values())
    assert len(pages) > 10
    for plain in ("plain output", "plain tail", "Hello, plain reader", "plainly said", "leaky.txt"):
        assert plain in whole, plain
    told = html.unescape(whole)
    assert [place for place, secret in secrets.items() if secret in told] == []

    bob = User.objects.create_user("bob")
    made = remixing.remix(word, bob)
    assert made.sandbox is not None
    running = readiness.wait_until_running(made.sandbox)
    workspace = shares.root_of(running) / "workspace"
    there = sorted(path.name for path in workspace.rglob("*") if path.is_file())
    assert there == ["index.html"]
    assert made.remixed["left_out"] == [".env", "AGENTS.md", "app.db", "deploy.pem", "leaky.txt"]
    assert (running.env, running.network_policy, running.owner) == ({}, {}, bob)
    said = f"{made.title} {made.remixed} {list(running.events.values())}"
    assert [place for place, secret in secrets.items() if secret in said] == []
    assert running.current_snapshot is None
    assert not snapshots.list_for(bob).exists()  # the means tells of the other's sandbox

    with_data = remixing.remix(word, bob, with_data=True).sandbox
    assert with_data is not None
    workspace = shares.root_of(readiness.wait_until_running(with_data)) / "workspace"
    assert "canary row" in text_of(workspace / "app.db")
    assert not (workspace / ".env").exists()

    # It is the remixer's quota that counts, and what is refused leaves nothing behind.
    settings.SANDBOXES_KEPT_PER_USER = 2
    with pytest.raises(Refusal, match="You keep 2 sandboxes"):
        remixing.remix(word, bob)
    assert Conversation.objects.filter(owner=bob).count() == 2

"""What an open page hears of the queue, of messages that came in, and of attempts set aside."""

from __future__ import annotations

from typing import Any

import pytest

from chat.models import Conversation, Turn
from chat.services import delivery, queue
from chat.services.branching import attempts
from chat.services.events import TurnStream
from tests.chat.consumers.conversation_socket import (
    TIMEOUT,
    frames_up_to,
    run,
    running,
    socket,
)
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice")


async def test_a_message_that_waits_appears_in_the_other_tab(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, _ = await run(running)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        await run(queue.add)(conversation, "In blue")
        frames = await frames_up_to(page, "composer-action")
    assert 'hx-target="#queue"' in str(frames)
    assert "In blue" in str(frames)


async def test_a_page_that_comes_back_is_told_of_another_queue(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, _ = await run(running)(conversation)
    await run(queue.add)(conversation, "In blue")
    async with socket(alice, conversation, f"after={turn.pk}:0:running&queue=old") as page:
        frame = await page.receive_json_from(timeout=TIMEOUT)
    assert "In blue" in frame["content"]


async def test_a_message_that_comes_in_stands_in_the_thread_at_once(
    alice: User,
) -> None:
    conversation = await run(make_conversation)(alice)
    turn, _ = await run(running)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        await run(_deliver)(conversation, turn)
        frames = await frames_up_to(page, 'prose said">In blue')
    assert any('hx-target="#thread"' in frame.get("content", "") for frame in frames)


def _deliver(conversation: Conversation, turn: Turn) -> None:
    queue.add(conversation, "In blue")
    told = delivery.Telling(lambda queued: queued.text, lambda text: text)
    among = [one.pk for one in delivery.due(turn)]
    delivered: Any = delivery.deliver(turn, [], told, among=among)
    TurnStream(turn).message_added(delivered.messages[0])


async def test_pages_read_the_thread_anew_when_turns_are_set_aside(
    alice: User,
) -> None:
    conversation = await run(make_conversation)(alice)
    turn = await run(make_turn)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:completed") as page:
        await run(attempts.regenerate)(turn)
        frames = await frames_up_to(page, "'type': 'thread'")
    assert {"type": "thread"} in frames

"""The conversation's socket: what the page lacks, then everything once, as it happens."""

from __future__ import annotations

import pytest

from chat.models import Part, Turn
from chat.services.events import conversation_key, turn_key
from tests.chat.consumers.conversation_socket import (
    TIMEOUT,
    frames_up_to,
    run,
    running,
    socket,
)
from tests.fixtures.rows import make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User
from vibe.streams.stream import EventStream


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice")


async def test_text_comes_as_it_is_written_with_the_cursor_to_come_back(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, part = await run(running)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        stream = EventStream(turn_key(turn.pk))
        await run(stream.append)(type="text", part=part.pk, offset=0, delta="Hello")
        frame = await page.receive_json_from(timeout=TIMEOUT)
    assert (frame["type"], frame["offset"], frame["delta"]) == ("text", 0, "Hello")
    assert frame["cursor"] == f"{turn.pk}:1:running"


async def test_a_page_that_comes_back_gets_only_what_it_missed(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, part = await run(running)(conversation)
    stream = EventStream(turn_key(turn.pk))
    for offset, delta in ((0, "one "), (4, "two "), (8, "three")):
        await run(stream.append)(type="text", part=part.pk, offset=offset, delta=delta)
    async with socket(alice, conversation, f"after={turn.pk}:1:running") as page:
        frame = await page.receive_json_from(timeout=TIMEOUT)
    assert (frame["offset"], frame["delta"]) == (4, "two three")


async def test_a_turn_that_went_on_before_the_socket_opened_is_caught_up_and_followed(
    alice: User,
) -> None:
    conversation = await run(make_conversation)(alice)
    turn, part = await run(running)(conversation)
    stream = EventStream(turn_key(turn.pk))
    await run(stream.append)(type="text", part=part.pk, offset=0, delta="Hello")
    await run(Part.objects.filter(pk=part.pk).update)(text="Hello")
    await run(Turn.objects.filter(pk=turn.pk).update)(cursor=1)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        caught_up = await frames_up_to(page, "Hello")
        await run(stream.append)(type="text", part=part.pk, offset=5, delta=" again")
        await frames_up_to(page, "'delta': ' again'")
    assert f"parts-{part.message_id}" in str(caught_up)


async def test_a_changed_part_is_rendered_in_place(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, part = await run(running)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        await run(Part.objects.filter(pk=part.pk).update)(state="done", text="*Ready*")
        stream = EventStream(turn_key(turn.pk))
        await run(stream.append)(type="part", part=part.pk, message=part.message_id)
        frame = await page.receive_json_from(timeout=TIMEOUT)
    assert f'hx-target="#parts-{part.message_id}"' in frame["content"]
    assert "<em>Ready</em>" in frame["content"]


async def test_a_turn_that_another_tab_starts_appears(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    async with socket(alice, conversation) as page:
        turn, part = await run(running)(conversation)
        events = EventStream(conversation_key(conversation.pk))
        await run(events.append)(type="turn", turn=turn.pk)
        frames = await frames_up_to(page, "composer-action")
        await run(EventStream(turn_key(turn.pk)).append)(
            type="text", part=part.pk, offset=0, delta="Hi"
        )
        text = (await frames_up_to(page, "'delta': 'Hi'"))[-1]
    assert "Build it" in str(frames)
    assert text["part"] == part.pk


async def test_the_end_of_a_turn_gives_the_composer_back(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, _ = await run(running)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        await run(Turn.objects.filter(pk=turn.pk).update)(status="completed")
        await run(EventStream(turn_key(turn.pk)).append)(type="turn", status="completed")
        frames = await frames_up_to(page, "composer-action")
    assert "button primary send" in frames[-1]["content"]
    assert frames[-1]["cursor"].endswith(":completed") or frames[0]["cursor"] == ""


async def test_a_page_that_slept_through_the_end_is_told(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn = await run(make_turn)(conversation, answer="All done.")
    async with socket(alice, conversation, f"after={turn.pk}:3:running") as page:
        frames = await frames_up_to(page, "composer-action")
    assert "All done." in str(frames)


async def test_a_sandbox_that_the_page_does_not_show_brings_its_panels(alice: User) -> None:
    sandbox = await run(make_sandbox)(alice)
    conversation = await run(make_conversation)(alice, sandbox=sandbox)
    async with socket(alice, conversation) as page:
        frame = await page.receive_json_from(timeout=TIMEOUT)
    assert f"/ws/sandboxes/{sandbox.pk}/" in frame["content"]


async def test_a_part_too_large_for_a_frame_is_fetched_instead(alice: User) -> None:
    conversation = await run(make_conversation)(alice)
    turn, part = await run(running)(conversation)
    async with socket(alice, conversation, f"after={turn.pk}:0:running") as page:
        await run(Part.objects.filter(pk=part.pk).update)(state="done", text="word " * 60_000)
        await run(EventStream(turn_key(turn.pk)).append)(
            type="part", part=part.pk, message=part.message_id
        )
        frame = await page.receive_json_from(timeout=TIMEOUT)
    assert (frame["type"], frame["message"]) == ("fetch", part.message_id)


async def test_somebody_elses_conversation_is_closed_as_not_found(alice: User) -> None:
    bob = await run(User.objects.create_user)("bob")
    conversation = await run(make_conversation)(bob)
    async with socket(alice, conversation) as page:
        message = await page.receive_output(timeout=TIMEOUT)
    assert (message["type"], message["code"]) == ("websocket.close", 4404)

"""What happens in a turn, as server-sent events that resume at a cursor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Header, Router

from chat.api.schemas import CheckOut, MessageOut, PartOut
from chat.models import Check, Message, Part, Turn
from chat.services import conversations, turns
from chat.services.checking import checks
from chat.services.events import check_key, turn_key
from vibe.api import streaming
from vibe.api.authentication import access, caller
from vibe.api.fields import BIGGEST, Offset
from vibe.api.openapi import streamed
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.streams.hub import SlowWatcher, hub
from vibe.streams.stream import Event, EventStream, decode

router = Router(auth=access("chat"))
KEEP_ALIVE = ": still here\n\n"

EXAMPLE = """\
id: 7
event: text
data: {"type": "text", "part": "part_…", "offset": 0, "delta": "I will make"}

id: 12
event: turn
data: {"type": "turn", "status": "completed"}
"""


@router.get(
    "/turns/{slug:turn_id}/events",
    summary="Follow a turn",
    openapi_extra=streamed(streaming.SSE, "Server-sent events", EXAMPLE),
)
def turn_events(
    request: HttpRequest,
    turn_id: str,
    after: Offset = 0,
    check: bool = False,
    last_event_id: Annotated[str, Header(alias="Last-Event-ID", max_length=40)] = "",
) -> HttpResponseBase:
    """`text` adds `delta` to a part, after `offset` characters of it. `file` does so to a file that
    the model writes in the arguments of a call, the `file`-th of them, counted from 0; these
    arguments hold names and lines alone until the call is whole. `part` says that a part is
    new or changed and carries it whole as `content`; `message` does so with a message that the
    person has sent meanwhile, and parts that follow belong to another answer. `turn` tells the
    status; with `waiting` it tells what the turn waits for (see POST turns/{id}/answer). The last
    one is completed, failed or stopped, and the stream ends with it; with `check` it goes on until
    the app that the turn has left behind is checked, and ends with an event `check`.

    To resume, send the last `id` in the header Last-Event-ID (browsers do) or as `after`.
    """
    turn = turns.get_for(caller(request), turn_id)
    if last_event_id:
        after = _cursor(last_event_id)
    about = conversations.subject(turn.conversation_id)
    events = _with_check(turn.id, after) if check else _follow(turn.id, after)
    return streaming.respond(events, streaming.SSE, about)


def _cursor(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > BIGGEST:
        raise Refusal(
            "Last-Event-ID is not a cursor.", "Send the `id` of an event, or nothing.", "invalid"
        )
    return int(text)


async def _with_check(turn_id: str, after: int) -> AsyncIterator[str]:
    """The events of the turn, then its check once that has ended; none where there is none."""
    async for one in _follow(turn_id, after):
        yield one
    while True:
        made = await in_thread(_check, turn_id)
        if made is None:
            return
        if not made.is_pending:
            told = CheckOut.from_orm(made).model_dump(mode="json")
            yield streaming.event({"type": "check", "check": told})
            return
        try:
            async with aclosing(hub().watch(check_key(made.pk), 0)) as batches:
                async for batch in batches:
                    if not batch:
                        yield KEEP_ALIVE
                    break
        except SlowWatcher:
            continue


def _check(turn_id: str) -> Check | None:
    return checks.of_turns([turn_id]).get(turn_id)


async def _follow(turn_id: str, after: int) -> AsyncIterator[str]:
    """Events numbered above `after`, until the turn has ended, also when Redis forgot them."""
    told = ""
    while True:
        status, active, cursor, kept = await in_thread(_state, turn_id, after)
        if status == Turn.Status.WAITING and told != status and not kept:
            # Redis may have forgotten the event that said so.
            yield streaming.event({"type": "turn", "status": status}, cursor=max(cursor, after))
        told = status
        for number, event in kept:
            yield streaming.event(await _filled(event), cursor=number)
            after = number
            if _ends(event):
                return
        if not active:
            if not kept:
                for event in await in_thread(_snapshot, turn_id):
                    yield streaming.event(event)
            yield streaming.event({"type": "turn", "status": status}, cursor=max(cursor, after))
            return
        try:
            async with aclosing(hub().watch(turn_key(turn_id), after)) as batches:
                async for batch in batches:
                    if not batch:
                        yield KEEP_ALIVE
                        # Nothing for a while: the database knows whether it still goes on.
                        break
                    for number, event in decode(batch):
                        yield streaming.event(await _filled(event), cursor=number)
                        after = number
                        if _ends(event):
                            return
        except SlowWatcher:
            continue


def _ends(event: Event) -> bool:
    return event["type"] == "turn" and event["status"] not in Turn.ACTIVE


def _state(turn_id: str, after: int) -> tuple[str, bool, int, list[tuple[int, Event]]]:
    # The row first: events that come after it are then in what is read next.
    turn = Turn.objects.get(pk=turn_id)
    return (
        turn.status,
        turn.is_active,
        turn.cursor,
        EventStream(turn_key(turn_id)).read(after),
    )


async def _filled(event: Event) -> Event:
    """The event; one about a part or a message carries it."""
    match event["type"]:
        case "part":
            return event | {"content": await in_thread(_part, event["part"])}
        case "message":
            return event | {"content": await in_thread(_message, event["message"])}
    return event


def _part(part_id: str) -> dict[str, Any] | None:
    part = Part.objects.filter(pk=part_id).first()
    return None if part is None else _dump(part)


def _message(message_id: str) -> dict[str, Any] | None:
    message = Message.objects.filter(pk=message_id).prefetch_related("parts").first()
    return None if message is None else MessageOut.from_orm(message).model_dump(mode="json")


def _snapshot(turn_id: str) -> list[Event]:
    parts = Part.objects.filter(message__turn_id=turn_id).order_by("message__position", "position")
    return [
        {"type": "part", "part": part.pk, "message": part.message_id, "content": _dump(part)}
        for part in parts
    ]


def _dump(part: Part) -> dict[str, Any]:
    return PartOut.from_orm(part).model_dump(mode="json")

"""Turns: ask, look, stop, try again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from chat.api.queue import WHEN, QueuedOut, When
from chat.api.schemas import TurnOut, TurnStarted
from chat.services import conversations, queue, turns
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))


class TurnIn(JsonObject):
    message: Text = Field(
        min_length=1, max_length=turns.MESSAGE_LIMIT, examples=["Build a todo app in Flask"]
    )
    model: Text = Field("", max_length=200, description="Default: the conversation's.")


class AskIn(TurnIn):
    queue: bool = Field(
        False, description="Let it wait while a turn is under way, in place of a 409."
    )
    when: When = Field("step", description=f"With `queue`. {WHEN}")


class RetryIn(JsonObject):
    model: Text = Field("", max_length=200, description="Default: the conversation's.")


@router.post(
    "/conversations/{slug:conversation_id}/turns",
    response={202: QueuedOut | TurnStarted},
    summary="Send a message",
)
def start_turn(request: HttpRequest, conversation_id: str, data: AskIn) -> Any:
    """The model answers in the background: follow `turns/{id}/events`. 409 while it still works;
    with `queue` it waits then, and the status of what comes back is `queued_message`."""
    conversation = conversations.get_for(caller(request), conversation_id)
    if not data.queue:
        return Status(202, turns.start_turn(conversation, data.message, model=data.model))
    return Status(202, queue.add(conversation, data.message, when=data.when, model=data.model))


@router.get("/turns/{slug:turn_id}", response=TurnOut, summary="Get a turn")
def get_turn(request: HttpRequest, turn_id: str) -> Any:
    return turns.get_for(caller(request), turn_id)


@router.post("/turns/{slug:turn_id}/stop", response=TurnOut, summary="Stop a turn")
def stop_turn(request: HttpRequest, turn_id: str, after_step: bool = False) -> Any:
    """At once, or with `after_step` when the present step is done, with its command. What it has
    written stays, and messages that wait do. Stopping an ended turn changes nothing.
    """
    user = caller(request)
    turns.stop_turn(turns.get_for(user, turn_id), user, after_step=after_step)
    return turns.get_for(user, turn_id)


@router.post("/turns/{slug:turn_id}/retry", response={202: TurnStarted}, summary="Try a turn again")
def retry_turn(request: HttpRequest, turn_id: str, data: RetryIn | None = None) -> Any:
    """Only the last turn of a conversation, and only when it failed or was stopped."""
    turn = turns.get_for(caller(request), turn_id)
    return Status(202, turns.retry_turn(turn, model=data.model if data else ""))

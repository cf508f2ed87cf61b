"""Turns: ask, look, stop, try again."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from chat.api.schemas import TurnOut, TurnStarted
from chat.providers import EFFORTS
from chat.services import conversations, turns
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))


class TurnIn(JsonObject):
    message: Text = Field(
        min_length=1, max_length=turns.MESSAGE_LIMIT, examples=["Build a todo app in Flask"]
    )
    model: Text = Field("", max_length=200, description="Default: the conversation's.")
    effort: Literal["", *EFFORTS] = Field(  # type: ignore[valid-type]  # the one list of them
        "",
        description="How hard the model thinks. Default: the conversation's. One that the model "
        "does not have becomes its first.",
    )


class RetryIn(JsonObject):
    model: Text = Field("", max_length=200, description="Default: the conversation's.")


@router.post(
    "/conversations/{slug:conversation_id}/turns",
    response={202: TurnStarted},
    summary="Send a message",
)
def start_turn(request: HttpRequest, conversation_id: str, data: TurnIn) -> Any:
    """The model answers in the background: follow `turns/{id}/events`. 409 while it still works."""
    conversation = conversations.get_for(caller(request), conversation_id)
    started = turns.start_turn(conversation, data.message, model=data.model, effort=data.effort)
    return Status(202, started)


@router.get("/turns/{slug:turn_id}", response=TurnOut, summary="Get a turn")
def get_turn(request: HttpRequest, turn_id: str) -> Any:
    return turns.get_for(caller(request), turn_id)


@router.post("/turns/{slug:turn_id}/stop", response=TurnOut, summary="Stop a turn")
def stop_turn(request: HttpRequest, turn_id: str) -> Any:
    """What it has written stays. Stopping an ended turn changes nothing."""
    user = caller(request)
    turns.stop_turn(turns.get_for(user, turn_id), user)
    return turns.get_for(user, turn_id)


@router.post("/turns/{slug:turn_id}/retry", response={202: TurnStarted}, summary="Try a turn again")
def retry_turn(request: HttpRequest, turn_id: str, data: RetryIn | None = None) -> Any:
    """Only the last turn of a conversation, and only when it failed or was stopped."""
    turn = turns.get_for(caller(request), turn_id)
    return Status(202, turns.retry_turn(turn, model=data.model if data else ""))

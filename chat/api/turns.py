"""Turns: ask, look, stop, try again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field, model_validator

from chat.api.schemas import TurnOut, TurnStarted
from chat.services import conversations, turns
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))


class TurnIn(JsonObject):
    message: Text = Field(
        "", max_length=turns.MESSAGE_LIMIT, examples=["Build a todo app in Flask"]
    )
    model: Text = Field("", max_length=200, description="Default: the conversation's.")
    attachments: list[Text] = Field(
        [], max_length=1000, description="Ids of uploaded files that go with it."
    )

    @model_validator(mode="after")
    def says_something(self) -> TurnIn:
        if not self.message and not self.attachments:
            raise ValueError("needs a message or attachments")
        return self


class RetryIn(JsonObject):
    model: Text = Field("", max_length=200, description="Default: the conversation's.")


@router.post(
    "/conversations/{slug:conversation_id}/turns",
    response={202: TurnStarted},
    summary="Send a message",
)
def start_turn(request: HttpRequest, conversation_id: str, data: TurnIn) -> Any:
    """The model answers in the background: follow `turns/{id}/events`. 409 while it still works.
    With attachments the message may be empty."""
    conversation = conversations.get_for(caller(request), conversation_id)
    turn = turns.start_turn(conversation, data.message, model=data.model, attached=data.attachments)
    return Status(202, turn)


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

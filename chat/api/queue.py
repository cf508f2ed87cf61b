"""Messages that wait while a turn is under way: read, changed, ordered, sent, taken out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.api.schemas import AttachmentOut
from chat.models import QueuedMessage
from chat.services import conversations, delivery, messages, queue
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))
When = Literal["step", "turn"]
WHEN = "`step`: into the turn under way, at its next step. `turn`: after it."


class QueuedOut(Schema):
    id: str = Field(examples=["queued_2v8q5a1c7m4x9z5b3n6k"])
    status: Literal["queued_message", "held", "sent"] = Field(
        description="`held`: the turn was stopped or failed; it waits for `send`."
    )
    message: str = Field(description='Its text; "" once it is sent.')
    when: When = Field(description=WHEN)
    revision: int = Field(description="Grows with each change.")
    message_id: str | None = Field(description="What it has become.")
    attachments: list[AttachmentOut] = Field(description="Files that wait with it.")
    turn_id: str | None = Field(description="The turn that it was sent in.")
    created_at: datetime
    sent_at: datetime | None

    @staticmethod
    def resolve_status(queued: QueuedMessage) -> str:
        if queued.sent_at is not None:
            return "sent"
        return "held" if queued.held else "queued_message"

    @staticmethod
    def resolve_message(queued: QueuedMessage) -> str:
        return queued.text

    @staticmethod
    def resolve_attachments(queued: QueuedMessage) -> list[Any]:
        return list(queued.attachments.all())

    @staticmethod
    def resolve_turn_id(queued: QueuedMessage) -> str | None:
        return queued.message.turn_id if queued.message else None


class Queue(Schema):
    items: list[QueuedOut]


class QueuedPatch(JsonObject):
    message: Text | None = Field(
        None, max_length=messages.MESSAGE_LIMIT, description="May be empty beside attachments."
    )
    when: When | None = Field(None, description=WHEN)
    revision: int | None = Field(
        None, ge=1, description="The one that you have seen; 409 if it has another by now."
    )


class Order(JsonObject):
    ids: list[Text] = Field(
        max_length=queue.LIMIT, description="Each message that waits, once, in the order to send."
    )


@router.get(
    "/conversations/{slug:conversation_id}/queue", response=Queue, summary="List what waits"
)
def list_queue(request: HttpRequest, conversation_id: str) -> Any:
    """In the order in which it will be sent."""
    conversation = conversations.get_for(caller(request), conversation_id)
    return {"items": list(queue.waiting(conversation))}


@router.put(
    "/conversations/{slug:conversation_id}/queue", response=Queue, summary="Order what waits"
)
def order_queue(request: HttpRequest, conversation_id: str, data: Order) -> Any:
    """409 when others wait by now than you name, 404 when one is unknown."""
    conversation = conversations.get_for(caller(request), conversation_id)
    return {"items": queue.reorder(conversation, data.ids)}


@router.get("/queued-messages/{slug:queued_id}", response=QueuedOut, summary="Get a queued message")
def get_queued(request: HttpRequest, queued_id: str) -> Any:
    """Also one that was sent: it says as which message."""
    return queue.get_for(caller(request), queued_id)


@router.patch(
    "/queued-messages/{slug:queued_id}", response=QueuedOut, summary="Change a queued message"
)
def change_queued(request: HttpRequest, queued_id: str, data: QueuedPatch) -> Any:
    """409 once it is sent."""
    found = queue.get_for(caller(request), queued_id)
    return queue.change(found, text=data.message, when=data.when, revision=data.revision)


@router.delete(
    "/queued-messages/{slug:queued_id}", response={204: None}, summary="Take out a queued message"
)
def remove_queued(request: HttpRequest, queued_id: str) -> Any:
    """409 once it is sent."""
    queue.remove(queue.get_for(caller(request), queued_id))
    return Status(204, None)


@router.post(
    "/queued-messages/{slug:queued_id}/send",
    response={202: QueuedOut},
    summary="Send a queued message",
)
def send_queued(request: HttpRequest, queued_id: str) -> Any:
    """One that was held back begins a turn, or goes into the one under way."""
    user = caller(request)
    delivery.send(queue.get_for(user, queued_id))
    return Status(202, queue.get_for(user, queued_id))

"""What the model is sent, and the summaries in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from chat.services import conversations
from chat.services.context import context_use, summaries
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))
NEWEST = 50


class UseOut(Schema):
    """Tokens of the last request; `system` to `summary` add up to `tokens`."""

    model: str = Field(examples=["anthropic:claude-sonnet-5-5"])
    size: int | None = Field(description="What the model takes; null where there is no limit.")
    tokens: int
    counted: bool = Field(description="By the provider; else estimated by length.")
    system: int
    memory: int = Field(description="Instructions, skills, and files such as AGENTS.md.")
    tools: int = Field(description="What tools there are, their calls and results.")
    history: int
    summary: int
    free: int | None
    cached: int = Field(description="Of `tokens`, read from the provider's cache.")
    left_out: list[str] = Field(description="What of the memory was cut, in words.")
    measured_at: datetime


class SummaryOut(Schema):
    id: str = Field(examples=["sum_5a1c7m4x9z5b3n6k2v8q"])
    conversation_id: str
    text: str
    rules: list[str] = Field(description="Told beside it, word for word.")
    said: list[str] = Field(description="The person's messages that are told beside it.")
    author: Literal["model", "platform", "person"]
    turns: int = Field(description="Requests of the person that it stands for.")
    through_turn_id: str = Field(description="The last turn that it stands for, in whole or part.")
    tokens_before: int = Field(description="Of the request that was too long, about.")
    created_at: datetime
    edited_at: datetime | None

    @staticmethod
    def resolve_through_turn_id(summary: Any) -> str:
        return str(summary.through_id)


class ContextOut(Schema):
    last_request: UseOut | None
    summaries: list[SummaryOut] = Field(
        description="The newest first. That one holds; it has taken in the others."
    )


class SummaryPatch(JsonObject):
    text: Text = Field(max_length=summaries.TEXT_LIMIT)


@router.get(
    "/conversations/{slug:conversation_id}/context",
    response=ContextOut,
    summary="What the model is sent",
)
def get_context(request: HttpRequest, conversation_id: str) -> Any:
    conversation = conversations.get_for(caller(request), conversation_id)
    return {
        "last_request": context_use.of(conversation),
        "summaries": list(summaries.list_for(conversation)[:NEWEST]),
    }


@router.get("/summaries/{slug:summary_id}", response=SummaryOut, summary="Get a summary")
def get_summary(request: HttpRequest, summary_id: str) -> Any:
    return summaries.get_for(caller(request), summary_id)


@router.patch("/summaries/{slug:summary_id}", response=SummaryOut, summary="Change a summary")
def change_summary(request: HttpRequest, summary_id: str, data: SummaryPatch) -> Any:
    """The model is told this from its next request on."""
    return summaries.change(summaries.get_for(caller(request), summary_id), data.text)

"""What the API says about conversations, their messages and turns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from chat.models import Conversation

TurnStatus = Literal["queued", "running", "waiting", "completed", "failed", "stopped"]


class TurnStarted(Schema):
    id: str = Field(examples=["turn_9z5b3n6k2v8q5a1c7m4x"])
    status: TurnStatus


class TurnOut(TurnStarted):
    conversation_id: str
    model: str = Field(examples=["demo"])
    effort: str = Field(description="That was wanted; empty: the model's first.")
    error: dict[str, str] | None = Field(
        description="Why it failed, or what it reached: title, detail, action."
    )
    input_tokens: int
    output_tokens: int
    requests: int = Field(description="Requests to the model.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class PartOut(Schema):
    """A piece of a message: text, reasoning, a tool call, an error report, or a note of the
    platform."""

    id: str = Field(examples=["part_3n6k2v8q5a1c7m4x9z5b"])
    kind: Literal["text", "reasoning", "tool_call", "error", "note"]
    state: Literal["", "streaming", "running", "background", "done", "failed", "stopped"]
    text: str
    tool: str = Field(examples=["run_command"])
    tool_call_id: str
    arguments: Any = Field(description="What the model gave the tool.")
    result: Any = Field(description="What the tool gave back.")
    command_id: str | None = Field(description="The command that the tool ran.")
    started_at: datetime | None
    finished_at: datetime | None


class MessageOut(Schema):
    id: str = Field(examples=["msg_2v8q5a1c7m4x9z5b3n6k"])
    role: Literal["user", "assistant"]
    turn_id: str
    created_at: datetime
    parts: list[PartOut]

    @staticmethod
    def resolve_parts(message: Any) -> list[Any]:
        return list(message.parts.all())


class ConversationOut(Schema):
    id: str = Field(examples=["conv_5a1c7m4x9z5b3n6k2v8q"])
    title: str = Field(examples=["A todo app in Flask"])
    model: str = Field(examples=["demo"])
    effort: str = Field(description="How hard the model thinks; empty: its first effort.")
    fix_errors: bool = Field(description="Whether errors of the sandbox are to be fixed unasked.")
    sandbox_id: str | None
    archived: bool
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_archived(conversation: Conversation) -> bool:
        return conversation.archived_at is not None


class ConversationDetail(ConversationOut):
    turns: list[TurnOut]
    messages: list[MessageOut]

    @staticmethod
    def resolve_turns(conversation: Conversation) -> list[Any]:
        return list(conversation.turns.all())

    @staticmethod
    def resolve_messages(conversation: Conversation) -> list[Any]:
        return list(conversation.messages.all())


class ModelOut(Schema):
    id: str = Field(examples=["demo"])
    label: str = Field(examples=["Demo model"])
    provider: str = Field(examples=["demo"])
    available: bool
    reason: str = Field(description="Why it is not available.")
    efforts: list[str] = Field(
        description="How hard it can be told to think; the first is the default.",
        examples=[["low", "medium", "high"]],
    )
    sees_images: bool
    uses_tools: bool
    own: bool = Field(description="Of a provider of your own.")


class ModelsOut(Schema):
    items: list[ModelOut]
    default: str = Field(description="Model of a new conversation.", examples=["demo"])
    fallbacks: list[str] = Field(description="Models that step in for one that fails, in order.")

"""What the API says about conversations, their messages and turns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from chat.api.check_schemas import CheckOut, check_on
from chat.models import Conversation, Turn
from chat.services.checking import checks
from chat.services.problems import policy
from chat.services.spending import sums

Mode = Literal["plan", "build"]
Approval = Literal["never", "risky", "always"]
WaitingFor = Literal["question", "approval", "plan", "budget"]
TurnStatus = Literal["queued", "running", "waiting", "completed", "failed", "stopped"]


def spent_on(turn: Turn) -> sums.Spent:
    """Of one turn, asked once; lists of turns bring theirs along, see `resolve_turns`."""
    if not hasattr(turn, "spent"):
        turn.spent = sums.of_turns([turn.pk]).get(turn.pk, sums.Spent())  # type: ignore[attr-defined]  # kept for the other field
    return turn.spent  # type: ignore[attr-defined]  # see above


class TurnStarted(Schema):
    id: str = Field(examples=["turn_9z5b3n6k2v8q5a1c7m4x"])
    status: TurnStatus


class QuestionOut(Schema):
    """What a turn asks, and how it was answered."""

    id: str = Field(examples=["ask_9z5b3n6k2v8q5a1c7m4x"])
    kind: WaitingFor
    status: Literal["open", "answered", "used", "withdrawn"]
    tool_call_id: str = Field(description="The call that waits, if one does.")
    asked: Any = Field(description="What is asked; its form is the kind's.")
    answer: Any = Field(description="What was answered.")
    created_at: datetime
    answered_at: datetime | None


class TurnOut(TurnStarted):
    conversation_id: str
    model: str = Field(examples=["demo"])
    effort: str = Field(description="That was wanted; empty: the model's first.")
    mode: Mode
    origin: Literal["person", "monitor"] = Field(description="`monitor`: a repair, unasked.")
    waiting_for: WaitingFor | None = Field(description="Of a waiting turn: what it waits for.")
    question: QuestionOut | None = Field(
        description="What it asks now, or asked last: see `POST turns/{id}/answer`."
    )
    error: dict[str, str] | None = Field(
        description="Why it failed, or what it reached: title, detail, action."
    )
    input_tokens: int
    output_tokens: int
    requests: int = Field(description="Requests to the model.")
    tokens: int = Field(description="Read and written, by all requests made for it.")
    cost: Decimal | None = Field(
        description="Dollars; 0 of a model that is free, null when it is not known.",
        examples=["0.0312"],
    )
    check: CheckOut | None = Field(
        description="What the platform has found out about the app that the turn has left behind; "
        "null for a turn that has changed no app."
    )
    superseded_by_id: str | None = Field(
        description="The turn that the conversation has gone on with in the place of this one."
    )
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_tokens(turn: Any) -> int:
        return spent_on(turn).tokens

    @staticmethod
    def resolve_cost(turn: Any) -> Decimal | None:
        return spent_on(turn).dollars

    @staticmethod
    def resolve_check(turn: Any) -> Any:
        return check_on(turn)

    @staticmethod
    def resolve_waiting_for(turn: Any) -> str | None:
        return turn.waiting_for or None

    @staticmethod
    def resolve_question(turn: Any) -> Any:
        # Not `last()`: of many turns they are fetched beforehand.
        asked = list(turn.questions.all())
        return asked[-1] if asked else None


class PartOut(Schema):
    """A piece of a message: text, reasoning, a tool call, an error report, a note of the
    platform, or a summary of what was before."""

    id: str = Field(examples=["part_3n6k2v8q5a1c7m4x9z5b"])
    kind: Literal["text", "reasoning", "tool_call", "error", "note", "asked", "summary", "repairs"]
    state: Literal["", "streaming", "running", "waiting", "background", "done", "failed", "stopped"]
    text: str
    tool: str = Field(examples=["run_command"])
    tool_call_id: str
    arguments: Any = Field(description="What the model gave the tool.")
    result: Any = Field(description="What the tool gave back.")
    command_id: str | None = Field(description="The command that the tool ran.")
    started_at: datetime | None
    finished_at: datetime | None


class AttachmentOut(Schema):
    id: str = Field(examples=["att_5a1c7m4x9z5b3n6k2v8q"])
    name: str = Field(examples=["sales.csv"])
    media_type: str = Field(description="By its content.", examples=["text/plain"])
    size: int = Field(description="Bytes.")
    sha256: str
    width: int = Field(description="Of a picture, in pixels; else 0.")
    height: int
    too_large_to_see: bool = Field(
        alias="is_too_large_to_see",
        description="A picture that no model is shown, for its size; commands can use it.",
    )
    message_id: str | None = Field(description="Null until it is sent.")
    queued_id: str | None = Field(description="The message that it waits with.")
    path: str = Field(description="Where a copy of it lies in the workspace; or nothing.")
    created_at: datetime


class MessageOut(Schema):
    id: str = Field(examples=["msg_2v8q5a1c7m4x9z5b3n6k"])
    role: Literal["user", "assistant"]
    by_monitor: bool = Field(description="Of `user`: the error monitor has written it.")
    turn_id: str
    created_at: datetime
    parts: list[PartOut]
    attachments: list[AttachmentOut]

    @staticmethod
    def resolve_attachments(message: Any) -> list[Any]:
        return list(message.attachments.all())

    @staticmethod
    def resolve_parts(message: Any) -> list[Any]:
        return list(message.parts.all())


class ConversationOut(Schema):
    id: str = Field(examples=["conv_5a1c7m4x9z5b3n6k2v8q"])
    title: str = Field(examples=["A todo app in Flask"])
    model: str = Field(examples=["demo"])
    effort: str = Field(description="How hard the model thinks; empty: its first effort.")
    fix_errors: bool = Field(description="Whether errors are repaired unasked, each at most twice.")
    error_policy: dict[str, str] = Field(
        description="By kind of error (command, server, browser, check): fix, ask or ignore."
    )
    sandbox_id: str | None
    mode: Mode = Field(description="Of the turns to come.")
    approval: Approval = Field(description="Before which steps the model asks.")
    allowed: list[str] = Field(description="Rules that were allowed for the whole conversation.")
    archived: bool
    forked_from_id: str | None = Field(description="The conversation that it goes on from.")
    forked_at_id: str | None = Field(description="The last message there that it has too.")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_error_policy(conversation: Conversation) -> dict[str, str]:
        return policy.of(conversation)

    @staticmethod
    def resolve_archived(conversation: Conversation) -> bool:
        return conversation.archived_at is not None


class ConversationDetail(ConversationOut):
    turns: list[TurnOut]
    messages: list[MessageOut]

    @staticmethod
    def resolve_turns(conversation: Conversation) -> list[Any]:
        turns = list(conversation.turns.all())
        spent = sums.of_turns([turn.pk for turn in turns])
        checked = checks.of_turns([turn.pk for turn in turns])
        for turn in turns:
            turn.check_made = checked.get(turn.pk)  # type: ignore[attr-defined]  # for `check_on`
            turn.spent = spent.get(turn.pk, sums.Spent())  # type: ignore[attr-defined]  # for `spent_on`
        return turns

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

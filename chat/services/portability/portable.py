"""A conversation as a file: the form that is written and read. docs/conversations.md describes it.

What reads it trusts nothing: numbers, types, depth and size are bounded here.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from chat.services.storable import storable

FORMAT = "vibe.conversation"
VERSION = 1
MAX_BYTES = 20 << 20
MAX_DEPTH = 32
# Each value, however small, takes memory and a part takes a row.
MAX_VALUES = 500_000
MAX_PARTS = 50_000
BIGGEST = 2**63 - 1
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
LAST_DAY = datetime(2200, 1, 1, tzinfo=UTC)


def _stored(text: str) -> str:
    return storable(text)


def _within_years(moment: datetime) -> datetime:
    if not FIRST_DAY <= moment < LAST_DAY:
        raise ValueError("must be a day of the years 2000 to 2199")
    return moment


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    _check(value, MAX_DEPTH)
    return storable(value)


def _check(value: Any, depth: int) -> None:
    if not depth:
        raise ValueError(f"must not be nested deeper than {MAX_DEPTH} levels")
    match value:
        case dict():
            for each in value.values():
                _check(each, depth - 1)
        case list():
            for each in value:
                _check(each, depth - 1)
        case int() if abs(value) > BIGGEST:
            raise ValueError("must not hold numbers beyond 64 bits")
        case float() if not math.isfinite(value):
            raise ValueError("must not hold NaN or Infinity")


Name = Annotated[str, Field(max_length=200), AfterValidator(_stored)]
Text = Annotated[str, Field(max_length=2_000_000), AfterValidator(_stored)]
Moment = Annotated[AwareDatetime, AfterValidator(_within_years)]
Plain = Annotated[dict[str, Any], AfterValidator(_plain)]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]


def result_of(kind: str, result: dict[str, Any]) -> dict[str, Any]:
    """What a file tells of a part's result. A summary's card names the row that a model is told by,
    which is in no file."""
    return {} if kind == "summary" else result


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PartForm(_Form):
    kind: Literal["text", "reasoning", "tool_call", "error", "summary", "note", "asked"]
    state: Literal["", "done", "failed", "stopped"] = ""
    text: Text = ""
    tool: Annotated[str, Field(max_length=100), AfterValidator(_stored)] = ""
    tool_call_id: Name = ""
    arguments: Plain = Field(default_factory=dict)
    result: Plain = Field(default_factory=dict)
    started_at: Moment | None = None
    finished_at: Moment | None = None

    @model_validator(mode="after")
    def names_no_row(self) -> PartForm:
        self.result = result_of(self.kind, self.result)
        return self


class MessageForm(_Form):
    role: Literal["user", "assistant"]
    created_at: Moment
    parts: Annotated[list[PartForm], Field(max_length=5_000)]


class ErrorForm(_Form):
    title: Annotated[str, Field(max_length=1_000), AfterValidator(_stored)] = ""
    detail: Annotated[str, Field(max_length=20_000), AfterValidator(_stored)] = ""
    action: Annotated[str, Field(max_length=100), AfterValidator(_stored)] = ""


class TurnForm(_Form):
    model: Name
    effort: Annotated[str, Field(max_length=10), AfterValidator(_stored)] = ""
    mode: Literal["plan", "build"] = "build"
    status: Literal["completed", "failed", "stopped"]
    error: ErrorForm | None = None
    retry_of: Count | None = Field(None, description="Place in the list of an earlier turn.")
    superseded_by: Count | None = Field(
        None, description="Place of the turn that the conversation went on with in its place."
    )
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    messages: Annotated[list[MessageForm], Field(max_length=500)]


class VersionForm(_Form):
    number: Count
    title: Name = ""
    name: Annotated[str, Field(max_length=100), AfterValidator(_stored)] = ""
    favourite: Annotated[bool, Field(strict=True)] = False
    reason: Literal["turn", "changed", "restore", "undo"]
    turn: Count | None = Field(None, description="Place in the list of turns.")
    created_at: Moment
    files_changed: Count = 0
    lines_added: Count = 0
    lines_removed: Count = 0


class ConversationForm(_Form):
    """The whole file."""

    format: Literal["vibe.conversation"]
    version: Literal[1]
    exported_at: Moment | None = None
    title: Name
    model: Name = ""
    effort: Annotated[str, Field(max_length=10), AfterValidator(_stored)] = ""
    mode: Literal["plan", "build"] = "build"
    turns: Annotated[list[TurnForm], Field(max_length=10_000)]
    versions: Annotated[list[VersionForm], Field(max_length=10_000)] = Field(default_factory=list)

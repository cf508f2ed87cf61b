"""How many tokens pieces of a request take, estimated from their characters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from chat.services.context.summaries import MARK

# Of English text, code and JSON mixed.
CHARACTERS = 3.5
# What frames a message on the wire.
FRAME = 8
# An image or document, whatever its size: providers scale them down to about this.
ATTACHMENT = 1_600


def tokens(text: str) -> int:
    # Characters beyond Latin take about a token each.
    wide = 0 if text.isascii() else sum(character > "\u2e80" for character in text)
    return int((len(text) - wide) / CHARACTERS + wide)


def of_part(part: Any) -> int:
    """Of one part of a message."""
    match part:
        case UserPromptPart(content=str() as text):
            return tokens(text)
        case UserPromptPart(content=pieces):
            return sum(tokens(p) if isinstance(p, str) else ATTACHMENT for p in pieces)
        case ToolCallPart():
            return tokens(part.tool_name) + tokens(part.args_as_json_str()) + FRAME
        case ToolReturnPart() | RetryPromptPart():
            return (
                tokens(
                    part.model_response_str()
                    if isinstance(part, ToolReturnPart)
                    else part.model_response()
                )
                + FRAME
            )
        case TextPart() | ThinkingPart():
            return tokens(part.content or "")
    return tokens(str(getattr(part, "content", "") or ""))


def of_message(message: ModelMessage) -> int:
    return sum(map(of_part, message.parts)) + FRAME


def of_messages(messages: Iterable[ModelMessage]) -> int:
    return sum(map(of_message, messages))


def of_tools(parameters: ModelRequestParameters) -> int:
    """Of what the model is told of its tools."""
    return sum(
        tokens(f"{tool.name}{tool.description or ''}{json.dumps(tool.parameters_json_schema)}")
        for tool in parameters.function_tools
    )


def of_instructions(parameters: ModelRequestParameters) -> int:
    return sum(tokens(part.content) for part in parameters.instruction_parts or [])


def by_kind(messages: Sequence[ModelMessage]) -> dict[str, int]:
    """Tokens of the messages as summary, tools (their calls and results) and history."""
    found = {"summary": 0, "tools": 0, "history": 0}
    for message in messages:
        for part in message.parts:
            found[_kind(part)] += of_part(part)
        found["history"] += FRAME
    return found


def _kind(part: Any) -> str:
    if isinstance(part, ToolCallPart | ToolReturnPart | RetryPromptPart):
        return "tools"
    return "summary" if is_summary(part) else "history"


def is_summary(part: Any) -> bool:
    """Whether it is what `chat.services.context.summaries.in_words` has written."""
    return (
        isinstance(part, UserPromptPart)
        and isinstance(part.content, str)
        and part.content.startswith(MARK)
    )


def said_by_person(messages: Iterable[ModelMessage]) -> list[str]:
    """The texts of the person's messages, in order."""
    return [
        text
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart) and not is_summary(part)
        if (text := text_of(part))
    ]


def text_of(part: UserPromptPart) -> str:
    """What a person's message says; of images and documents that there was one."""
    if isinstance(part.content, str):
        return part.content
    pieces = [p if isinstance(p, str) else f"[{_named(p)}]" for p in part.content]
    return "\n".join(piece for piece in pieces if piece)


def _named(content: Any) -> str:
    kind = str(getattr(content, "media_type", "") or "")
    return f"an attachment of type {kind}" if kind else "an attachment"


def has_calls(message: ModelMessage) -> bool:
    return isinstance(message, ModelResponse) and any(
        isinstance(part, ToolCallPart) for part in message.parts
    )

"""The last resort when a single step is too much: its results are cut, the longest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart

from chat.agent.context import amounts
from chat.agent.context.transcript import clipped

SHORTEST = 1_000


def fitted(messages: Sequence[ModelMessage], room: int) -> list[ModelMessage]:
    """The messages within `room` tokens as far as results of tools can make them so; what people
    said and calls stay."""
    found = list(messages)
    longest = max((len(_said(part)) for _, part in _results(found)), default=0)
    while amounts.of_messages(found) > room and longest > SHORTEST:
        longest = max(SHORTEST, longest // 2)
        found = [_cut(message, longest) for message in found]
    return found


def _results(messages: Sequence[ModelMessage]) -> list[tuple[int, ToolReturnPart]]:
    return [
        (index, part)
        for index, message in enumerate(messages)
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    ]


def _cut(message: ModelMessage, length: int) -> ModelMessage:
    if not isinstance(message, ModelRequest):
        return message
    parts: list[Any] = [
        replace(cast("Any", part), content=clipped(_said(part), length))
        if isinstance(part, ToolReturnPart) and len(_said(part)) > length
        else part
        for part in message.parts
    ]
    return replace(message, parts=parts)


def _said(part: ToolReturnPart) -> str:
    return part.model_response_str()

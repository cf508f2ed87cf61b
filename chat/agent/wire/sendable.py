"""The conversation so far as any provider takes it, whoever said what before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
)

from chat.agent.wire import unwrapping

_FOREIGN = re.compile(r"[^a-zA-Z0-9_-]")
ID_LENGTH = 40
NO_RESULT = "The call was not carried out."


def messages(history: Sequence[ModelMessage], provider: str) -> list[ModelMessage]:
    """The history for a model of this provider: nothing empty, each call with its result right
    behind it and no result without a call, ids that every format takes, only its own thoughts.
    """
    return _alternating(_Pairs().of(_requests_joined(_responses_cleaned(history, provider))))


def _requests_joined(history: Sequence[ModelMessage]) -> list[ModelMessage]:
    """The results of one answer's calls in one request: some came before the person was asked."""
    found: list[ModelMessage] = []
    for message in history:
        last = found[-1] if found else None
        if isinstance(message, ModelRequest) and isinstance(last, ModelRequest):
            found[-1] = replace(message, parts=[*last.parts, *message.parts])
        else:
            found.append(message)
    return found


def _responses_cleaned(history: Sequence[ModelMessage], provider: str) -> list[ModelMessage]:
    found: list[ModelMessage] = []
    for message in history:
        if isinstance(message, ModelResponse):
            own = message.provider_name == provider
            parts = [part for part in map(_sound, message.parts) if part and _is_sent(part, own)]
            if not any(isinstance(part, TextPart | ToolCallPart) for part in parts):
                continue
            message = replace(message, parts=parts)
        found.append(message)
    return found


def _sound(part: ModelResponsePart) -> ModelResponsePart | None:
    if isinstance(part, TextPart):
        return part if part.content.strip() else None
    if isinstance(part, ToolCallPart):
        given = unwrapping.arguments(part.args, {})
        name = _FOREIGN.sub("_", part.tool_name)[:64] or "unnamed"
        call: Any = part
        sound: ToolCallPart = replace(call, tool_name=name, args=given if given is not None else {})
        return sound
    return part


def _is_sent(part: ModelResponsePart, own: bool) -> bool:
    """Thoughts go back only to who signed them or keeps them in a field of their own."""
    if isinstance(part, ThinkingPart):
        return own and (bool(part.signature) or part.id in ("reasoning", "reasoning_content"))
    return True


class _Pairs:
    """Calls and results in pairs, by ids of a form that every format takes."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._open: dict[str, list[ToolCallPart]] = {}

    def of(self, history: Sequence[ModelMessage]) -> list[ModelMessage]:
        found: list[ModelMessage] = []
        for message in history:
            if isinstance(message, ModelResponse):
                self._close(found)
                message = replace(message, parts=[self._part(part) for part in message.parts])
            else:
                message = self._answered(message)
            if message.parts:
                found.append(message)
        self._close(found)
        return found

    def _part(self, part: ModelResponsePart) -> ModelResponsePart:
        if not isinstance(part, ToolCallPart):
            return part
        call = replace(part, tool_call_id=self._unique(part.tool_call_id))
        self._open.setdefault(part.tool_call_id, []).append(call)
        return call

    def _unique(self, given: str) -> str:
        plain = _FOREIGN.sub("_", given)[:ID_LENGTH] or "call"
        number, unique = 1, plain
        while unique in self._taken:
            number += 1
            unique = f"{plain[: ID_LENGTH - 4]}_{number}"
        self._taken.add(unique)
        return unique

    def _answered(self, message: ModelRequest) -> ModelRequest:
        results: list[Any] = []
        others: list[Any] = []
        part: Any
        for part in message.parts:
            call_id = getattr(part, "tool_call_id", None)
            named = getattr(part, "tool_name", None)
            if not (call_id and named):
                others.append(part)
            elif waiting := self._open.get(call_id):
                call = waiting.pop(0)
                results.append(replace(part, tool_call_id=call.tool_call_id))
        return replace(message, parts=[*results, *self._missing(), *others])

    def _missing(self) -> list[ToolReturnPart]:
        """Results of the calls that have none."""
        calls = [call for waiting in self._open.values() for call in waiting]
        self._open.clear()
        return [
            ToolReturnPart(call.tool_name, NO_RESULT, tool_call_id=call.tool_call_id)
            for call in calls
        ]

    def _close(self, found: list[ModelMessage]) -> None:
        if missing := self._missing():
            found.append(ModelRequest(parts=missing))


def _alternating(history: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Neighbours of one side as one message."""
    found: list[ModelMessage] = []
    for message in history:
        last = found[-1] if found else None
        if isinstance(message, ModelRequest) and isinstance(last, ModelRequest):
            found[-1] = replace(message, parts=[*last.parts, *message.parts])
        elif isinstance(message, ModelResponse) and isinstance(last, ModelResponse):
            found[-1] = replace(last, parts=[*last.parts, *message.parts])
        else:
            found.append(message)
    return found

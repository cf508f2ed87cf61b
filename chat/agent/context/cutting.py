"""Where the past is cut: what is before becomes a summary, what follows stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.agent.context import amounts


def place(messages: Sequence[ModelMessage], present: int, room: int) -> int:
    """Index of the first message to keep; 0 where nothing can be summed up.

    `present` is where the present turn begins, `room` the tokens that may stay. Earlier turns are
    kept whole or not at all; the present one, when it alone is too much, from one of its steps on.
    A call is never parted from its results.
    """
    size = 0
    found = 0
    for index in range(len(messages) - 1, 0, -1):
        size += amounts.of_message(messages[index])
        if size > room and found:
            break
        turn_begins = index <= present and _begins_turn(messages[index])
        step_begins = index > present and isinstance(messages[index], ModelResponse)
        # With nothing but the past's first message before it, a summary would save nothing.
        if turn_begins or step_begins:
            found = index
        if size > room:
            if found:
                break
            continue
    return found


def kept(messages: Sequence[ModelMessage], present: int, cut: int) -> list[ModelMessage]:
    """What stays of the messages; what the person has said in the present turn always does."""
    told = [
        part
        for message in messages[present:cut]
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart)
    ]
    before: list[ModelMessage] = [ModelRequest(parts=told)] if told else []
    return [*before, *messages[cut:]]


def _begins_turn(message: ModelMessage) -> bool:
    return (
        isinstance(message, ModelRequest)
        and any(isinstance(part, UserPromptPart) for part in message.parts)
        and not any(isinstance(part, ToolReturnPart | RetryPromptPart) for part in message.parts)
    )

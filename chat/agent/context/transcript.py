"""Messages as a text that is read to be summed up."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    RetryPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.agent.context import amounts

RESULT = 1_500
ARGUMENTS = 1_500
SAID = 6_000
LEAST = 120
SEPARATOR = "\n\n"


def of(messages: Iterable[ModelMessage], room: int, most: int = 1) -> list[str]:
    """The messages in plain words, in at most so many texts of `room` characters, in order. What is
    longest is cut first, so that something of every step remains."""
    pieces = [piece for message in messages for piece in _pieces(message)]
    limit = max(SAID, RESULT)
    while len(texts := _packed(pieces, room)) > most and limit > LEAST:
        limit //= 2
        pieces = [clipped(piece, limit) for piece in pieces]
    if len(texts) > most:
        texts = [*texts[: most - 1], SEPARATOR.join(texts[most - 1 :])]
    return [clipped(text, room) for text in texts]


def _packed(pieces: list[str], room: int) -> list[str]:
    texts: list[list[str]] = []
    size = room
    for piece in pieces:
        size += len(piece) + len(SEPARATOR)
        if size > room or not texts:
            texts.append([])
            size = len(piece)
        texts[-1].append(piece)
    return [SEPARATOR.join(text) for text in texts]


def clipped(text: str, length: int) -> str:
    """Beginning and end of a text that is longer than `length`."""
    if len(text) <= length:
        return text
    half = max(1, length // 2 - 20)
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters …]\n{text[-half:]}"


def _pieces(message: ModelMessage) -> list[str]:
    found: list[str] = []
    for part in message.parts:
        match part:
            case UserPromptPart():
                if amounts.is_summary(part):
                    found.append(f"EARLIER SUMMARY:\n{amounts.text_of(part)}")
                else:
                    found.append(f"PERSON: {clipped(amounts.text_of(part), SAID)}")
            case TextPart() if part.content.strip():
                found.append(f"ASSISTANT: {clipped(part.content, SAID)}")
            case ToolCallPart():
                found.append(
                    f"CALL {part.tool_name}: {clipped(part.args_as_json_str(), ARGUMENTS)}"
                )
            case ToolReturnPart():
                found.append(
                    f"RESULT of {part.tool_name}: {clipped(part.model_response_str(), RESULT)}"
                )
            case RetryPromptPart() if isinstance(message, ModelRequest):
                found.append(f"CALL WAS WRONG: {clipped(part.model_response(), RESULT)}")
    return found

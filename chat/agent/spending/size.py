"""How large a request's input is before it is sent: at most, probably, and what it is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    SystemPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

# Tools that bring the text of files into the conversation.
FILE_TOOLS = frozenset({"read_file", "write_files", "edit_file", "search_files", "list_files"})
# What a picture takes at most with the providers that say so.
PICTURE = 10_000
# Of ordinary text and code, a token has about so many bytes; never less than one.
USUAL_BYTES = 4
# What wire formats add around each message and tool.
AROUND = 20

SYSTEM, TOOLS, MEMORY, FILES = "system", "tools", "memory", "files"
RESULTS, HISTORY, REQUEST = "results", "history", "request"


@dataclass(frozen=True)
class Size:
    """Tokens. `most` holds for every tokenizer: none makes more tokens than there are bytes."""

    most: int
    likely: int
    by_kind: dict[str, int]


def of(
    messages: Sequence[ModelMessage], parameters: ModelRequestParameters, model_name: str
) -> Size:
    """Of an earlier answer of the same model in the conversation the provider has told the real
    number; only what came after it is counted by its bytes."""
    by_kind: dict[str, int] = {}
    for kind, bytes_ in [*_standing(parameters), *_said(messages)]:
        by_kind[kind] = by_kind.get(kind, 0) + bytes_
    everything = sum(by_kind.values())
    likely = {kind: -(-bytes_ // USUAL_BYTES) for kind, bytes_ in by_kind.items()}
    most = everything
    if known := _measured(messages, model_name):
        tokens, after = known
        rest = sum(bytes_ for _, bytes_ in _said(messages[after:]))
        most = min(everything, tokens + rest)
    return Size(most, min(sum(likely.values()), most), likely)


def written(response: ModelResponse) -> int:
    """Probable tokens of an answer, or of what there is of it."""
    return -(-sum(_bytes_of(part) for part in response.parts) // USUAL_BYTES)


def _measured(messages: Sequence[ModelMessage], model_name: str) -> tuple[int, int] | None:
    """Tokens of the messages up to and with the last answer of this model, and how many they are.

    An answer before which messages were left out since then had more input, which errs on the
    safe side.
    """
    for at in range(len(messages) - 1, -1, -1):
        message = messages[at]
        if isinstance(message, ModelResponse):
            usage = message.usage
            if message.model_name == model_name and usage.input_tokens:
                # Thoughts are paid as output, and may come back as input.
                return usage.input_tokens + usage.output_tokens + AROUND, at + 1
            return None
    return None


def _standing(parameters: ModelRequestParameters) -> Iterator[tuple[str, int]]:
    for part in parameters.instruction_parts or ():
        name = str(getattr(part, "name", "") or "")
        yield (MEMORY if MEMORY in name else SYSTEM), _length(part.content)
    for tool in [*parameters.function_tools, *parameters.output_tools]:
        schema = json.dumps(tool.parameters_json_schema, ensure_ascii=False, default=str)
        yield TOOLS, _length(tool.name) + _length(tool.description or "") + _length(schema) + AROUND


def _said(messages: Sequence[ModelMessage]) -> Iterator[tuple[str, int]]:
    last = len(messages) - 1
    while last >= 0 and not _is_asked(messages[last]):
        last -= 1
    for at, message in enumerate(messages):
        for part in message.parts:
            yield _kind(part, at == last), _bytes_of(part) + AROUND


def _is_asked(message: ModelMessage) -> bool:
    return isinstance(message, ModelRequest) and any(
        isinstance(part, UserPromptPart) for part in message.parts
    )


def _kind(part: Any, is_last: bool) -> str:
    match part:
        case SystemPromptPart():
            return SYSTEM
        case UserPromptPart():
            return REQUEST if is_last else HISTORY
        case ToolCallPart() | ToolReturnPart() if part.tool_name in FILE_TOOLS:
            return FILES
        case ToolReturnPart() | RetryPromptPart():
            return RESULTS
        case _:
            return HISTORY


def _bytes_of(part: Any) -> int:
    match part:
        case TextPart() | ThinkingPart():
            signature = getattr(part, "signature", None)
            return _length(part.content) + _length(signature or "")
        case ToolCallPart():
            return _length(part.tool_name) + _length(part.args_as_json_str())
        case ToolReturnPart():
            return _length(part.tool_name) + _length(part.model_response_str())
        case RetryPromptPart():
            return _length(part.model_response())
        case UserPromptPart() | SystemPromptPart():
            content = part.content
            return sum(map(_content, [content] if isinstance(content, str) else content))
        case _:
            return _length(json.dumps(getattr(part, "content", ""), default=str))


def _content(one: Any) -> int:
    if isinstance(one, str):
        return _length(one)
    if isinstance(one, BinaryContent):
        return PICTURE if one.is_image else len(one.data)
    return _length(str(getattr(one, "content", ""))) or PICTURE


def _length(text: str) -> int:
    return len(text.encode("utf-8", "replace"))

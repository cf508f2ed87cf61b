"""The message history as turns: a request, the outcomes of its calls, and what was said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.agent.context.amounts import is_summary
from chat.agent.demo.steps import Outcome


@dataclass
class Turn:
    request: str
    outcomes: list[Outcome] = field(default_factory=list)
    # The last words of its answer.
    said: str = ""


def turns(messages: Sequence[ModelMessage]) -> list[Turn]:
    """The turns of the history, the present one last."""
    found: list[Turn] = []
    calls: dict[str, ToolCallPart] = {}
    for message in messages:
        if isinstance(message, ModelResponse):
            for part in message.parts:
                if isinstance(part, ToolCallPart):
                    calls[part.tool_call_id] = part
                elif isinstance(part, TextPart) and found:
                    found[-1].said = part.content
        elif isinstance(message, ModelRequest):
            for said in message.parts:
                if is_summary(said):
                    continue
                if isinstance(said, UserPromptPart):
                    found.append(Turn(_text(said)))
                elif isinstance(said, ToolReturnPart | RetryPromptPart) and found:
                    call = calls.get(said.tool_call_id)
                    if call is not None:
                        found[-1].outcomes.append(_outcome(call, said))
    return found


def _text(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    # What follows the words is what was attached.
    return next((item for item in part.content if isinstance(item, str)), "")


def _outcome(call: ToolCallPart, part: ToolReturnPart | RetryPromptPart) -> Outcome:
    ok = isinstance(part, ToolReturnPart) and part.outcome == "success"
    content: Any = part.content
    data = content if isinstance(content, dict) else {}
    text = content if isinstance(content, str) else json.dumps(content, default=str)
    return Outcome(call.tool_name, call.args_as_dict(), ok, data if ok else {}, text)

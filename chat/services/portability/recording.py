"""Makes a recording of a stored conversation: what the model said and called, without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from chat.models import Conversation, Turn
from chat.providers.recordings import (
    RecordedCall,
    RecordedStep,
    RecordedTurn,
    Recording,
    is_recorded,
)
from chat.services.context.history import request_of
from vibe.redaction import redacted
from vibe.refusal import Refusal

# Of a result only what later steps may name is kept.
NAMES = ("sandbox_id", "name", "url", "command_id")
# Private characters around the number of a name, while everything else is redacted.
_KEPT = re.compile("\ue000(\\d+)\ue001")

Messages = list[dict[str, Any]]


def record(conversation: Conversation, *, title: str = "", about: str = "") -> Recording:
    """The completed turns of the conversation, in order. Raises Refusal when there are none."""
    turns = conversation.turns.filter(
        status=Turn.Status.COMPLETED, superseded_by=None, retries=None
    ).order_by("created_at", "id")
    recorded = [
        RecordedTurn(request=request, steps=steps)
        for turn in turns
        if not is_recorded(turn.model)
        and (request := request_of(turn).strip())
        and (steps := _steps(turn.history))
    ]
    if not recorded:
        raise Refusal(
            "This conversation has no completed turn that could be recorded.",
            "Let a model answer first. What a recording has played is not recorded again.",
            code="invalid",
        )
    name = title or conversation.title or "A recorded session"
    return _without_secrets(Recording(title=name[:100], about=about[:500], turns=recorded))


def _steps(messages: Messages) -> list[RecordedStep]:
    results = {
        part["tool_call_id"]: part
        for message in messages
        if message.get("kind") == "request"
        for part in message.get("parts", [])
        if part.get("tool_call_id")
    }
    steps = [
        RecordedStep(
            thought=_text(message, "thinking"),
            text=_text(message, "text"),
            calls=[
                _call(part, results[part["tool_call_id"]])
                for part in message.get("parts", [])
                if part.get("part_kind") == "tool-call" and part["tool_call_id"] in results
            ],
        )
        for message in messages
        if message.get("kind") == "response"
    ]
    return [step for step in steps if step.text or step.calls]


def _text(message: dict[str, Any], kind: str) -> str:
    parts = (part for part in message.get("parts", []) if part.get("part_kind") == kind)
    return "\n\n".join(part["content"] for part in parts if part.get("content"))


def _call(part: dict[str, Any], result: dict[str, Any]) -> RecordedCall:
    arguments = part.get("args") or {}
    if isinstance(arguments, str):
        arguments = json.loads(arguments)
    content = result.get("content")
    said = content if isinstance(content, dict) else {}
    done = (
        result.get("part_kind") == "tool-return" and result.get("outcome", "success") == "success"
    )
    ended_badly = "status" not in said and said.get("exit_code", 0) != 0
    return RecordedCall(
        tool=part["tool_name"],
        arguments=arguments,
        worked=done and not ended_badly and said.get("listening") is not False,
        names={key: said[key] for key in NAMES if isinstance(said.get(key), str) and said[key]},
    )


def _without_secrets(recording: Recording) -> Recording:
    """The recording once more; its ids stay, though some look like secrets."""
    names = sorted(set(_named(recording)), key=len, reverse=True)
    either = re.compile("|".join(re.escape(name) for name in names) or r"(?!)")

    def clean(text: str) -> str:
        kept = either.sub(lambda found: f"\ue000{names.index(found[0])}\ue001", text)
        return _KEPT.sub(lambda found: names[int(found[1])], redacted(kept))

    return Recording.model_validate(_mapped(recording.model_dump(), clean))


def _named(recording: Recording) -> Iterator[str]:
    for turn in recording.turns:
        for step in turn.steps:
            for call in step.calls:
                yield from call.names.values()


def _mapped(value: Any, clean: Callable[[str], str], under: str = "") -> Any:
    match value:
        case str():
            return clean(value)
        case list():
            return [_mapped(item, clean) for item in value]
        case dict() if under == "env":
            # The name tells whether it is a secret.
            return {key: clean(f"{key}={item}").partition("=")[2] for key, item in value.items()}
        case dict():
            return {key: _mapped(item, clean, key) for key, item in value.items()}
        case _:
            return value

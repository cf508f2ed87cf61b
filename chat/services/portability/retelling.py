"""What a model is told of a turn that it has not seen: made of the messages that people see.

The agent library's message JSON, so that the next turn goes on from it.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from chat.services.portability.portable import PartForm, TurnForm

LONGEST = 20_000  # characters of what a tool gave back
_ASKED = ("text", "note")  # a note names a file that came with the words


def retold(turn: TurnForm) -> list[dict[str, Any]]:
    """The turn as a history; empty when nothing was answered."""
    told: list[dict[str, Any]] = []
    calls = 0
    for role, messages in groupby(turn.messages, lambda message: message.role):
        parts = [part for message in messages for part in message.parts]
        if role == "assistant":
            told += _answers(parts, calls)
            calls += len(parts)
        elif asked := [part.text for part in parts if part.kind in _ASKED]:
            told.append(_request([{"part_kind": "user-prompt", "content": "\n\n".join(asked)}]))
    return told if any(message["kind"] == "response" for message in told) else []


def _answers(parts: list[PartForm], calls: int) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    returned: list[dict[str, Any]] = []
    for number, part in enumerate(parts, calls):
        if part.kind == "text" and part.text:
            if returned:  # what comes after a tool is said in a new answer
                told += [_response(said), _request(returned)]
                said, returned = [], []
            said.append({"part_kind": "text", "content": part.text})
        elif part.kind == "tool_call":
            call = {"tool_name": part.tool or "tool", "tool_call_id": f"call_{number}"}
            said.append({"part_kind": "tool-call", "args": part.arguments, **call})
            result = json.dumps(part.result, ensure_ascii=False)[:LONGEST]
            returned.append({"part_kind": "tool-return", "content": result, **call})
    if said:
        told.append(_response(said))
    if returned:
        told.append(_request(returned))
    return told


def _request(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "request", "parts": parts}


def _response(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "response", "parts": parts}

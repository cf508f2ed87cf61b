"""OpenAI's chat completions, streamed, as servers send them and as they ought to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat.agent.wire.answer import Answer, finished
from chat.agent.wire.failures import told
from chat.agent.wire.numbers import counts
from chat.agent.wire.pieces import (
    CLOSING,
    CallArguments,
    CallStart,
    Closed,
    Piece,
    Text,
    Thought,
)
from chat.agent.wire.server_sent_events import encoded

ENDS = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "max_new_tokens": "length",
    "model_length": "length",
    "token_limit": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "refusal": "content_filter",
}
THOUGHT_FIELDS = ("reasoning", "reasoning_content")


class OpenAIChat:
    """Rewrites one answer. `ended`: whether the server has said that it is over. `may_end`: whether
    it can be over though nobody has said so, which some servers leave to the connection."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._answer = Answer(_tools(request), _ids(request))
        self._head: dict[str, Any] = {"id": "answer", "created": 0, "model": ""}
        self._reason: Any = None
        self._thinking = False
        self._usage: dict[str, Any] | None = None
        self.ended = False

    def event(self, _name: str, data: Any) -> Iterator[bytes]:
        """What the agent library is given for one event."""
        if data == "[DONE]":
            self.ended = True
        if not isinstance(data, dict):
            return
        for key in self._head:
            self._head[key] = data.get(key) or self._head[key]
        if isinstance(data.get("usage"), dict):
            # Some tell the sum so far with every piece; the last one counts.
            self._usage = data["usage"]
        choices = data.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else data
        if not isinstance(choice, dict):
            return
        if reason := choice.get("finish_reason"):
            self._reason, self.ended = reason, True
        said = choice.get("delta") or choice.get("message")
        if isinstance(said, dict):
            yield from self._encoded(self._read(said))

    def whole(self, body: dict[str, Any]) -> Iterator[bytes]:
        """The same for an answer that came in one piece, though a stream was asked for."""
        self.ended = True
        yield from self.event("", body)

    def end(self) -> Iterator[bytes]:
        """The end of an answer that is whole."""
        yield from self._encoded(self._answer.end())
        calls = bool(self._answer.calls)
        reason = finished(self._reason, calls=calls, words=ENDS, usual=("stop", "tool_calls"))
        yield self._chunk({}, reason)
        if self._usage is not None:
            usage = counts(self._usage, "prompt_tokens", "completion_tokens", "total_tokens")
            yield encoded({**self._chunk_head(), "choices": [], "usage": usage})
        yield encoded("[DONE]")

    @property
    def may_end(self) -> bool:
        return self._answer.calls.are_complete

    @staticmethod
    def failure(body: Any) -> bytes:
        """The provider's report of a failure as the library understands it."""
        return encoded({"error": told(body)})

    def _read(self, said: dict[str, Any]) -> Iterator[Piece]:
        for field in THOUGHT_FIELDS:
            if isinstance(said.get(field), str) and said[field]:
                yield from self._answer.thought(said[field], field)
                break
        content = said.get("content")
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, str):
                yield from self._answer.text(part)
            elif isinstance(part, dict) and isinstance(part.get("text"), str):
                yield from self._answer.text(part["text"])
        if isinstance(said.get("refusal"), str) and said["refusal"]:
            yield from self._answer.text(said["refusal"])
        calls = said.get("tool_calls") or []
        if isinstance(said.get("function_call"), dict):
            calls = [{"function": said["function_call"]}]
        for call in calls if isinstance(calls, list) else [calls]:
            if isinstance(call, dict):
                function = call.get("function") or {}
                yield from self._answer.calls.add(
                    call.get("index"),
                    call.get("id"),
                    function.get("name") or call.get("name"),
                    function.get("arguments", call.get("arguments")),
                )

    def _encoded(self, pieces: Iterator[Piece]) -> Iterator[bytes]:
        for piece in pieces:
            # In the form that the library knows: a tag is a piece of its own.
            thinking = isinstance(piece, Thought) and not piece.field
            if thinking != self._thinking:
                yield self._chunk({"content": "<think>" if thinking else "</think>"})
                self._thinking = thinking
            match piece:
                case Text("<think>" | "</think>" as text):
                    for words in (text[:1], text[1:]):
                        yield self._chunk({"content": words})
                case Text(text) | Thought(text, ""):
                    yield self._chunk({"content": text})
                case Thought(text, field):
                    yield self._chunk({field: text})
                case Closed():
                    yield self._chunk({"content": CLOSING})
                case CallStart(number, call_id, name):
                    function = {"name": name, "arguments": ""}
                    call = {"index": number, "id": call_id, "type": "function"}
                    yield self._chunk({"tool_calls": [{**call, "function": function}]})
                case CallArguments(number, text):
                    call = {"index": number, "function": {"arguments": text}}
                    yield self._chunk({"tool_calls": [call]})

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return encoded({**self._chunk_head(), "choices": [choice]})

    def _chunk_head(self) -> dict[str, Any]:
        return {**self._head, "object": "chat.completion.chunk"}


def _tools(request: dict[str, Any]) -> set[str]:
    tools = request.get("tools") or []
    return {tool["function"]["name"] for tool in tools if "function" in tool}


def _ids(request: dict[str, Any]) -> set[str]:
    messages = request.get("messages") or []
    return {call["id"] for message in messages for call in message.get("tool_calls") or []}

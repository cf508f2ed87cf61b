"""Anthropic's messages, streamed, as servers send them and as they ought to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat.agent.wire.answer import Answer, finished
from chat.agent.wire.failures import told
from chat.agent.wire.numbers import counts
from chat.agent.wire.pieces import (
    CLOSING,
    Block,
    CallArguments,
    CallStart,
    Closed,
    Piece,
    Text,
    Thought,
)
from chat.agent.wire.server_sent_events import encoded

ENDS = {
    **{word: word for word in ("end_turn", "max_tokens", "stop_sequence", "pause_turn", "refusal")},
    "model_context_window_exceeded": "model_context_window_exceeded",
    "length": "max_tokens",
    "max_output_tokens": "max_tokens",
    "content_filter": "refusal",
}
_FIELD = "thinking"


class AnthropicMessages:
    """Rewrites one answer. `ended`: whether the server has said that it is over."""

    def __init__(self, request: dict[str, Any]) -> None:
        tools = {tool["name"] for tool in request.get("tools") or [] if "name" in tool}
        self._answer = Answer(tools, _ids(request))
        self._begun = False
        self._reason: Any = None
        self._usage: dict[str, Any] = {}
        # What the block of each index is: the number of a call, or "text", "thinking", "other".
        self._blocks: dict[Any, int | str] = {}
        self._latest: int | str = "text"
        # Arguments that came with a call's beginning, until others come.
        self._inputs: dict[int, Any] = {}
        self._written = 0
        self._open: object = None
        self.ended = False
        # Everybody who speaks this format ends it by an event.
        self.may_end = False

    def event(self, name: str, data: Any) -> Iterator[bytes]:
        """What the agent library is given for one event."""
        if data == "[DONE]":
            self.ended = True
        if not isinstance(data, dict):
            return
        kind = data.get("type") or name
        if kind == "message_start":
            yield from self._begin(data.get("message") or {})
        elif kind == "message_delta":
            self._usage = {**self._usage, **(data.get("usage") or {})}
            if reason := (data.get("delta") or {}).get("stop_reason"):
                self._reason, self.ended = reason, True
        elif kind == "message_stop":
            self.ended = True
        else:
            yield from self._encoded(self._read(kind, data))

    def whole(self, body: dict[str, Any]) -> Iterator[bytes]:
        """The same for an answer that came in one piece, though a stream was asked for."""
        yield from self.event("", {"type": "message_start", "message": body})
        for index, block in enumerate(body.get("content") or []):
            block = {"type": "text", "text": block} if isinstance(block, str) else block
            start = {"type": "content_block_start", "index": index, "content_block": block}
            yield from self.event("", start)
        self._usage, self._reason, self.ended = (
            body.get("usage") or {},
            body.get("stop_reason"),
            True,
        )

    def end(self) -> Iterator[bytes]:
        """The end of an answer that is whole."""
        yield from self._encoded(self._given_inputs())
        yield from self._encoded(self._answer.end())
        yield from self._begin({})
        yield from self._close()
        calls = bool(self._answer.calls)
        reason = finished(self._reason, calls=calls, words=ENDS, usual=("end_turn", "tool_use"))
        delta = {"stop_reason": reason, "stop_sequence": None}
        usage = counts(self._usage, "output_tokens")
        yield self._event({"type": "message_delta", "delta": delta, "usage": usage})
        yield self._event({"type": "message_stop"})

    @staticmethod
    def failure(body: Any) -> bytes:
        """The provider's report of a failure as the library understands it."""
        report = told(body)
        error = {"type": report["type"] or "unknown", "message": report["message"]}
        return encoded({"type": "error", "error": error}, "error")

    def _begin(self, message: dict[str, Any]) -> Iterator[bytes]:
        if self._begun:
            return
        self._begun = True
        usual = {"id": "answer", "model": "", "stop_reason": None, "stop_sequence": None}
        given = {key: value for key, value in message.items() if value is not None}
        fixed: dict[str, Any] = {
            "type": "message",
            "role": "assistant",
            "content": [],
            "stop_reason": None,
            "usage": counts(message.get("usage"), "input_tokens", "output_tokens"),
        }
        yield self._event({"type": "message_start", "message": {**usual, **given, **fixed}})

    def _read(self, kind: str, data: dict[str, Any]) -> Iterator[Piece]:
        if kind == "content_block_start":
            yield from self._given_inputs()
            yield from self._block(data.get("index"), data.get("content_block") or {})
        elif kind == "content_block_delta":
            target = self._blocks.get(data.get("index"), self._latest)
            yield from self._delta(target, data.get("delta") or {})

    def _block(self, index: Any, block: dict[str, Any]) -> Iterator[Piece]:
        kind = block.get("type")
        self._latest = "other"
        if kind == "text":
            self._latest = "text"
            yield from self._answer.text(str(block.get("text") or ""))
        elif kind == "thinking":
            self._latest = "thinking"
            # A new block even where one follows another: each has a signature of its own.
            yield Block({"thinking": "", "signature": "", **block})
        elif kind == "tool_use":
            number = self._answer.calls.begun(block.get("name"), block.get("id"))
            self._latest = number
            if block.get("input"):
                self._inputs[number] = block["input"]
        elif kind:
            yield Block(block)
        self._blocks[index] = self._latest

    def _delta(self, target: int | str, delta: dict[str, Any]) -> Iterator[Piece]:
        if isinstance(target, int):
            more = delta.get("partial_json")
            if more:
                self._inputs.pop(target, None)
            if more is not None:
                yield from self._answer.calls.more(target, more)
        elif isinstance(delta.get("text"), str):
            yield from self._answer.text(delta["text"])
        elif isinstance(delta.get("thinking"), str):
            yield from self._answer.thought(delta["thinking"], _FIELD)
        elif target != "text" and delta.get("type"):
            yield Block({"delta": delta})

    def _given_inputs(self) -> Iterator[Piece]:
        inputs, self._inputs = self._inputs, {}
        for number, given in inputs.items():
            yield from self._answer.calls.more(number, given)

    def _encoded(self, pieces: Iterator[Piece]) -> Iterator[bytes]:
        for piece in pieces:
            yield from self._begin({})
            match piece:
                case Text(text):
                    yield from self._within("text", {"type": "text", "text": ""})
                    yield self._change({"type": "text_delta", "text": text})
                case Closed():
                    yield from self._within("text", {"type": "text", "text": ""})
                    yield self._change({"type": "text_delta", "text": CLOSING})
                case Thought(text, field):
                    begun = {"type": "thinking", "thinking": "", "signature": ""}
                    yield from self._within(field or "tags", begun)
                    yield self._change({"type": "thinking_delta", "thinking": text})
                case CallStart(number, call_id, name):
                    block: dict[str, Any] = {
                        "type": "tool_use",
                        "id": call_id,
                        "name": name,
                        "input": {},
                    }
                    yield from self._within(number, block)
                case CallArguments(number, text):
                    yield self._change({"type": "input_json_delta", "partial_json": text})
                case Block({"delta": delta}) if self._open is not None:
                    yield self._change(delta)
                case Block(content) if "type" in content:
                    yield from self._close()
                    key = _FIELD if content["type"] == "thinking" else content["type"]
                    yield from self._within(key, content)

    def _within(self, key: object, block: dict[str, Any]) -> Iterator[bytes]:
        """Go on in the block of this key, or begin it."""
        if self._open == key and type(self._open) is type(key):
            return
        yield from self._close()
        self._open = key
        yield self._event(
            {"type": "content_block_start", "index": self._written, "content_block": block}
        )

    def _close(self) -> Iterator[bytes]:
        if self._open is not None:
            yield self._event({"type": "content_block_stop", "index": self._written})
            self._open = None
            self._written += 1

    def _change(self, delta: dict[str, Any]) -> bytes:
        return self._event({"type": "content_block_delta", "index": self._written, "delta": delta})

    @staticmethod
    def _event(data: dict[str, Any]) -> bytes:
        return encoded(data, data["type"])


def _ids(request: dict[str, Any]) -> set[str]:
    contents = [message.get("content") for message in request.get("messages") or []]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return {block["id"] for block in blocks if block.get("type") == "tool_use"}

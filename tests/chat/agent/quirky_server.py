"""A server that answers with given bytes, and holds what it is asked to the rules of its format."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.chat.agent.quirks import Quirk, delta, ended, said, words

ORDINARY = Quirk(
    "ordinary",
    [*said("Ordinary."), delta("stop"), "[DONE]"],
    [{"type": "message_start", "message": {}}, *words("Ordinary."), *ended("end_turn")],
)


class QuirkyServer(ThreadingHTTPServer):
    """`answers` are given in turn, then ordinary ones, unless `answering` has one; `asked` holds
    the requests, `broken` the rules that they broke."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Quirk] = []
        # What to answer a request with, where it depends on the request.
        self.answering: Callable[[dict[str, Any]], Quirk | None] | None = None
        self.asked: list[dict[str, Any]] = []
        self.broken: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: QuirkyServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        anthropic = self.path.partition("?")[0].endswith("/messages")
        self.server.asked.append(asked)
        self.server.broken += (of_messages if anthropic else of_chat)(asked["messages"])
        answer = self.server.answering(asked) if self.server.answering else None
        if answer is None:
            answer = self.server.answers.pop(0) if self.server.answers else ORDINARY
        events = answer.messages if anthropic else answer.chat
        self.send_response(answer.code)
        self.send_header("Content-Type", answer.kind)
        if answer.framed:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            data = _encoded(event, stream=answer.kind == "text/event-stream")
            if answer.framed:
                self._chunk(data)
            else:
                self.wfile.write(data)
        if not answer.framed:
            self.close_connection = True
        elif answer.closed:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _encoded(event: Any, *, stream: bool) -> bytes:
    text = event if isinstance(event, str) else json.dumps(event)
    return f"data: {text}\n\n".encode() if stream else text.encode()


def of_chat(messages: list[dict[str, Any]]) -> list[str]:
    """Rules of OpenAI's format that a history breaks."""
    broken, waiting = [], []
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                broken.append("result without a call")
            else:
                waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            broken.append("call without a result")
        waiting = [call["id"] for call in message.get("tool_calls") or []]
        for call in message.get("tool_calls") or []:
            if not isinstance(json.loads(call["function"]["arguments"]), dict):
                broken.append("arguments that are no object")
        if message["role"] == "assistant" and not message.get("content") and not waiting:
            broken.append("empty answer")
        if message["role"] == "assistant" and _thinks(str(message.get("content"))):
            broken.append("thoughts as text")
    return [*broken, *(["call without a result"] if waiting else [])]


def of_messages(messages: list[dict[str, Any]]) -> list[str]:
    """Rules of Anthropic's format that a history breaks."""
    broken, before, calls, seen = [], "", [], set()
    for message in messages:
        if message["role"] == before:
            broken.append("roles do not alternate")
        before = message["role"]
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if sorted(results) != sorted(calls):
            broken.append(f"calls {calls}, results {results}")
        calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
        for block in blocks:
            if block["type"] == "text" and not block["text"].strip():
                broken.append("blank text")
            if (
                block["type"] == "text"
                and message["role"] == "assistant"
                and _thinks(block["text"])
            ):
                broken.append("thoughts as text")
            if block["type"] == "thinking" and not block.get("signature"):
                broken.append("thought without a signature")
            if block["type"] == "tool_use":
                if not re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]) or block["id"] in seen:
                    broken.append(f"id {block['id']}")
                seen.add(block["id"])
        if not blocks:
            broken.append("empty message")
    return broken


def _thinks(text: str) -> bool:
    return "think" in text.replace("`<think>`", "")


@contextmanager
def quirky_server() -> Iterator[QuirkyServer]:
    server = QuirkyServer()
    # It looks so often whether to end: half a second by default, at each of many tests.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="quirky server")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

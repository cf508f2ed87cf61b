"""A model over HTTP, in both wire formats, whose answer comes in pieces and can be held up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.chat.agent.quirks import block, called, change, delta, ended, words


@dataclass
class Call:
    """`pieces` of the arguments' JSON; one that is callable is waited for instead."""

    tool: str
    pieces: list[str | Callable[[], Any]]


@dataclass
class Answer:
    calls: list[Call] = field(default_factory=list)
    text: str = ""


def cut(value: Any, size: int, *, ascii_only: bool = True) -> list[str | Callable[[], Any]]:
    text = json.dumps(value, ensure_ascii=ascii_only)
    return [text[at : at + size] for at in range(0, len(text), size)]


class PiecesServer(ThreadingHTTPServer):
    """Gives `answers` in turn, then "Done."; each in frames of `frame` bytes. `asked`: bodies."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[dict[str, Any]] = []
        self.frame = 1 << 20

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PiecesServer

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answer = self.server.answers.pop(0) if self.server.answers else Answer(text="Done.")
        anthropic = self.path.partition("?")[0].endswith("/messages")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for event in _messages(answer) if anthropic else _chat(answer):
                if callable(event):
                    event()
                    continue
                text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
                self._send(f"data: {text}\n\n".encode())
            self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the turn was stopped

    def _send(self, data: bytes) -> None:
        for at in range(0, len(data), self.server.frame):
            piece = data[at : at + self.server.frame]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _chat(answer: Answer) -> Iterator[Any]:
    if answer.text:
        yield delta(content=answer.text)
    for number, call in enumerate(answer.calls):
        yield called(number, f"call_{number}_{id(answer)}", call.tool, "")
        for piece in call.pieces:
            yield called(number, None, None, piece) if isinstance(piece, str) else piece
    yield delta("tool_calls" if answer.calls else "stop")
    yield "[DONE]"


def _messages(answer: Answer) -> Iterator[Any]:
    yield {"type": "message_start", "message": {}}
    if answer.text:
        yield from words(answer.text)
        yield {"type": "content_block_stop", "index": 0}
    for number, call in enumerate(answer.calls, 1):
        call_id = f"call_{number}_{id(answer)}"
        yield block(number, type="tool_use", id=call_id, name=call.tool, input={})
        for piece in call.pieces:
            if isinstance(piece, str):
                yield change(number, type="input_json_delta", partial_json=piece)
            else:
                yield piece
        yield {"type": "content_block_stop", "index": number}
    yield from ended("tool_use" if answer.calls else "end_turn")


@contextmanager
def pieces_server() -> Iterator[PiecesServer]:
    server = PiecesServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="model in pieces")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

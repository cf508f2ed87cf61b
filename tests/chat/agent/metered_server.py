"""A provider in both wire formats that keeps the books: what it tells of usage is known here."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Billed:
    """Tokens of one answer: `input` with what was read from the cache and written to it."""

    input: int
    output: int
    cached: int = 0
    written: int = 0


class MeteredServer(ThreadingHTTPServer):
    """`bill` says what a request takes; `billed` holds what was told. The first `failing` requests
    get 500. As long as a history has fewer than `calls` results, the answer calls a tool. Answers
    wait for `gate`. With `told` False no usage is told; with `broken` answers break off."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bill: Callable[[dict[str, Any], bytes], Billed] = lambda asked, body: Billed(100, 20)
        self.billed: list[Billed] = []
        self.asked: list[dict[str, Any]] = []
        self.failing = 0
        self.calls = 0
        self.told = True
        self.broken = False
        self.gate = threading.Event()
        self.gate.set()
        self.books = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MeteredServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        with self.server.books:
            self.server.asked.append(asked)
            fails = self.server.failing > 0
            self.server.failing -= fails
        self.server.gate.wait(60)
        if fails:
            self._answer(500, "application/json", [b'{"error": {"message": "busy"}}'])
            return
        billed = self.server.bill(asked, body)
        with self.server.books:
            self.server.billed.append(billed)
        anthropic = self.path.partition("?")[0].endswith("/messages")
        results = body.count(b'"tool_result"') if anthropic else body.count(b'"role":"tool"')
        calls = results < self.server.calls
        events = (_messages if anthropic else _chat)(billed, calls, results, told=self.server.told)
        if self.server.broken:
            events = events[: len(events) // 2]
        lines = [
            b"data: " + (e if isinstance(e, bytes) else json.dumps(e).encode()) + b"\n\n"
            for e in events
        ]
        self._answer(200, "text/event-stream", lines)

    def _answer(self, status: int, kind: str, lines: list[bytes]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(sum(map(len, lines)) + self.server.broken))
        self.send_header("Connection", "close")
        self.end_headers()
        for line in lines:
            self.wfile.write(line)
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _chat(billed: Billed, calls: bool, number: int, *, told: bool) -> list[Any]:
    def delta(finish: str | None = None, **said: Any) -> dict[str, Any]:
        return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}

    function = {"name": "list_files", "arguments": '{"path": "."}'}
    call = {"index": 0, "id": f"call_{number}", "type": "function", "function": function}
    usage = {
        "choices": [],
        "usage": {
            "prompt_tokens": billed.input,
            "completion_tokens": billed.output,
            "total_tokens": billed.input + billed.output,
            "prompt_tokens_details": {"cached_tokens": billed.cached},
        },
    }
    said = (
        [delta(tool_calls=[call]), delta("tool_calls")]
        if calls
        else [delta(content="Done."), delta("stop")]
    )
    return [*said, *([usage] if told else []), b"[DONE]"]


def _messages(billed: Billed, calls: bool, number: int, *, told: bool) -> list[Any]:
    usage = {
        "input_tokens": billed.input - billed.cached - billed.written,
        "cache_read_input_tokens": billed.cached,
        "cache_creation_input_tokens": billed.written,
        "output_tokens": 1,
    }
    start = {"type": "message_start", "message": {"usage": usage} if told else {}}
    if calls:
        block = {"type": "tool_use", "id": f"call_{number}", "name": "list_files", "input": {}}
        change = {"type": "input_json_delta", "partial_json": '{"path": "."}'}
    else:
        block = {"type": "text", "text": ""}
        change = {"type": "text_delta", "text": "Done."}
    end = {"type": "message_delta", "delta": {"stop_reason": "tool_use" if calls else "end_turn"}}
    if told:
        end["usage"] = {"output_tokens": billed.output}
    return [
        start,
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": change},
        {"type": "content_block_stop", "index": 0},
        end,
        {"type": "message_stop"},
    ]


@contextmanager
def metered_server() -> Iterator[MeteredServer]:
    server = MeteredServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="metered server")
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()

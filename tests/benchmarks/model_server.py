"""A server of OpenAI's wire format that notes when it sends the first byte of each answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = [f"word{number} " for number in range(40)]
PAUSE = 0.02


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True
    first_bytes: list[float]
    words: list[str]
    pause: float

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": "mock", "object": "model"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        time.sleep(0.3)  # as a model that begins to think
        self.server.first_bytes.append(time.time())
        due = time.monotonic()
        for word in self.server.words:
            self._say({"content": word})
            due += self.server.pause
            time.sleep(max(0.0, due - time.monotonic()))
        self._say({}, "stop")
        self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _say(self, delta: dict[str, str], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason}
        event = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "mock",
                 "choices": [choice]}  # fmt: skip
        self._chunk(f"data: {json.dumps(event)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def model_server(words: list[str] = WORDS, pause: float = PAUSE) -> Iterator[ModelServer]:
    """One whose every answer is these words, with so many seconds between two of them."""
    server = ModelServer(("127.0.0.1", 0), Handler)
    server.first_bytes, server.words, server.pause = [], words, pause
    thread = threading.Thread(target=server.serve_forever, name="model server")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A small server of tools over real HTTP (MCP, streamable), good or hostile as a test wants it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ECHO = {
    "name": "echo",
    "description": "Says what it is told.",
    "inputSchema": {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    },
}


def text(words: str, **more: Any) -> dict[str, Any]:
    """The result of a call."""
    return {"content": [{"type": "text", "text": words}], **more}


class Server:
    """`tools` are told; `results` by the name of a tool are a result or what makes it of the
    arguments. `override(handler, message)` answers by itself when it returns True."""

    def __init__(self) -> None:
        self.tools: list[Any] = [ECHO]
        self.results: dict[str, Any] = {"echo": lambda given: text(f"You said {given['text']}")}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.messages: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.sessions: set[str] = set()
        self.ended: list[str] = []
        self.streams = False
        self.override: Any = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._answer(self)

            def do_DELETE(self) -> None:
                outer.ended.append(self.headers["Mcp-Session-Id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Nothing to tell."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/mcp"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        message = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.messages.append(message)
        self.headers.append(dict(handler.headers))
        if self.override is not None and self.override(handler, message):
            return
        session = handler.headers.get("Mcp-Session-Id", "")
        match message["method"]:
            case "initialize":
                session = f"session-{len(self.sessions)}"
                self.sessions.add(session)
                result: Any = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            case _ if session not in self.sessions:
                send(handler, 404, b"", "text/plain")
                return
            case "tools/list":
                result = {"tools": self.tools}
            case "tools/call":
                name, given = message["params"]["name"], message["params"]["arguments"]
                self.calls.append((name, given))
                result = self.results[name]
                result = result(given) if callable(result) else result
            case _:
                send(handler, 202, b"", "text/plain")
                return
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
        if self.streams:
            note = b'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n'
            send(handler, 200, note + b"data: " + body + b"\n\n", "text/event-stream", session)
        else:
            send(handler, 200, body, "application/json", session)


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    kind: str = "application/json",
    session: str = "",
    **headers: str,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    if session:
        handler.send_header("Mcp-Session-Id", session)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)

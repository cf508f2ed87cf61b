"""What tests of the chat share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@pytest.fixture
def answering() -> Iterator:
    """Starts a server that answers every request with one body; returns its address."""
    servers = []

    def start(body: str, *, kind: str = "application/json", status: int = 200) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                data = body.encode()
                # Before the answer: the test looks as soon as it has it.
                server.asked.append((self.path, self.headers.get("Authorization")))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                """Nothing to tell."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        start.asked = server.asked
        return f"http://127.0.0.1:{server.server_address[1]}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def hurry(settings: Any) -> None:
    """The demo model speaks without pauses."""
    settings.DEMO_DELAY_MS = 0


@pytest.fixture
def conversation(owner):
    from chat.services import conversations

    return conversations.create(owner, model="demo")


@pytest.fixture
def say(conversation) -> Callable:
    """Send a message and let the model answer it; returns the ended turn."""
    from chat.agent import runtime
    from chat.services import turns

    def send(text: str, *, model: str = ""):
        turn = turns.start_turn(conversation, text, model=model)
        runtime.run(turn.pk)
        turn.refresh_from_db()
        return turn

    return send


@pytest.fixture
def parts() -> Callable:
    """The parts of a turn's answer, in order."""

    def of(turn) -> list:
        from chat.models import Part

        return list(Part.objects.filter(message__turn=turn, message__role="assistant"))

    return of

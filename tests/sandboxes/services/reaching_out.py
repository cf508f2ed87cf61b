"""A server that sandboxes may want to reach, and a program in one that tries."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any

from sandboxes.models import Sandbox
from sandboxes.output import replay
from sandboxes.services import commands, network_history

PATIENCE = 30.0


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"site says {self.path} {self.headers.get('X-Key', 'no key')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def shell(sandbox: Sandbox, script: str) -> tuple[int | None, str]:
    command = commands.wait(commands.run(sandbox, "bash", ["-c", script]), PATIENCE)
    return command.exit_code, replay.text(command)


def logged(sandbox: Sandbox) -> list[str]:
    return [event.text for event in network_history.decisions(sandbox)]

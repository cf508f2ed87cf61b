"""Nothing secret is in error reports, in the log or on error pages, wherever it stood before."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vibe.redaction import redacted

CANARIES = {
    "api_key": "vibe_" + "Ca1" * 13 + "x",
    "session": "sessioncanary0123456789abcdefghi",
    "sign_in": "signInCanary_0123456789-abcdefghijklmnopqrs",
    "ticket": "ticketCanary_0123456789abcdefghi",
    "csrf": "csrfcanary0123456789abcdefghijklmnop",
    "password": "passwordcanary!9",
    "provider": "sk-ant-providercanary0123456789",
    "registry": "registrycanary42",
    "vercel": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.signaturecanary0123456789",
    "sandbox": "sandboxcanary1234567",
}
SETTINGS = {
    "ANTHROPIC_API_KEY": "anthropic-setting-canary",
    "VIBE_SECRET_KEY": "secret-key-setting-canary-0123456789",
    "VIBE_METRICS_TOKEN": "metrics-setting-canary",
}


class Reports:
    """Stands for the Sentry server."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                packed = self.headers.get("Content-Encoding") == "gzip"
                outer.bodies.append(gzip.decompress(body) if packed else body)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def dsn(self) -> str:
        return f"http://dsncanary0123@127.0.0.1:{self.server.server_port}/1"


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """What was reported, logged and shown."""
    reports = Reports()
    directory = tmp_path_factory.mktemp("data")
    (directory / "static").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "import runpy; runpy.run_module('tests.vibe.reporting.canaries')"],
        cwd=Path(__file__).parents[3],
        env={
            **os.environ,
            **SETTINGS,
            "VIBE_DATA_DIR": str(directory),
            "DJANGO_SETTINGS_MODULE": "vibe.settings",
            "SENTRY_DSN": reports.dsn,
            "CANARIES": json.dumps(CANARIES),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    reports.server.shutdown()
    reports.server.server_close()
    assert done.returncode == 0, done.stderr
    yield b"\n".join(reports.bodies).decode(), done.stderr, done.stdout


def found_in(text: str) -> set[str]:
    secrets = {**CANARIES, **SETTINGS}
    return {name for name, value in secrets.items() if value in text}


def test_a_report_says_what_failed_and_where(failed: tuple[str, str, str]) -> None:
    reported, _, _ = failed
    assert "it failed with" in reported and "no packages" in reported
    assert '"function":"failing"' in reported and "canaries.py" in reported


def test_no_secret_is_reported(failed: tuple[str, str, str]) -> None:
    reported, _, _ = failed
    assert found_in(reported) == set()


def test_no_variable_body_or_host_is_reported(failed: tuple[str, str, str]) -> None:
    reported, _, _ = failed
    for name in ('"vars"', '"data"', '"cookies"', '"query_string"', '"server_name"', '"env"'):
        assert name not in reported, name


def test_no_secret_is_logged(failed: tuple[str, str, str]) -> None:
    _, logged, _ = failed
    assert "it failed with" in logged and "before:" in logged
    # A sandbox's id is what an operator finds it by; it is no secret to him.
    assert found_in(logged) <= {"sandbox"}


def test_no_secret_is_on_the_error_page(failed: tuple[str, str, str]) -> None:
    _, _, shown = failed
    assert shown.startswith("PAGE 500")
    assert found_in(shown) == set()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("GET /sign-in/abcdefghijklmnopqrstuvwx/ 404", "GET /sign-in/…/ 404"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: …"),
        ("{'Cookie': 'vibe_session=1; a=b', 'x': 1}", "{'Cookie': '…', 'x': 1}"),
        ("ws/terminals/t/?ticket=abc-1&after=3", "ws/terminals/t/?ticket=…&after=3"),
        ("postgres://vibe:hunter22@host/db", "postgres://…@host/db"),
        ("used sk-proj-abcdefghijklmnop now", "used sk-… now"),
        ("max_tokens=4096, tokens: 12 left", "max_tokens=4096, tokens: 12 left"),
        ("The API key was revoked.", "The API key was revoked."),
    ],
)
def test_secrets_are_taken_out_of_text(text: str, left: str) -> None:
    assert redacted(text) == left


def test_a_long_line_takes_no_time() -> None:
    line = "a" * 200_000 + "=" * 1000
    assert redacted(line) == line

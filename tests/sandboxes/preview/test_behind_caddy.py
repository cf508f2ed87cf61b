"""The Caddyfile of docs/deploying.md before a platform: all that a browser does goes through it."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.fixtures.caddy import Front, caddy, name_of
from tests.fixtures.platform import SESSION_COOKIE, Client, Platform
from tests.fixtures.running import running
from tests.fixtures.waiting import PATIENCE, until
from tests.sandboxes.preview.entering import OPENED, Visitor

pytestmark = [
    pytest.mark.battery,
    pytest.mark.skipif(
        shutil.which("caddy") is None, reason="needs Caddy (Debian: apt install caddy)"
    ),
]
SITE, PREVIEWS = "app.vibe.test", "previews.vibe.test"
# A page that says by what name it was asked, one that never ends, and a socket that greets.
APP = """
import base64, hashlib, http.server, threading
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if key := self.headers["Sec-WebSocket-Key"]:
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            digest = hashlib.sha1((key + GUID).encode()).digest()
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
            self.end_headers()
            self.wfile.write(bytes([0x81, 5]) + b"hello")
            self.rfile.read()
            return
        body = self.headers["X-Forwarded-Host"].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body) + (self.path == "/endless")))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/endless":
            threading.Event().wait()
http.server.ThreadingHTTPServer(("127.0.0.1", 3000), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def front_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def platform(front_port: int) -> Iterator[Platform]:
    address = f"https://{SITE}:{front_port}"
    with running(
        VIBE_URL=address, VIBE_PREVIEW_DOMAIN=PREVIEWS, VIBE_TRUSTED_PROXIES="1"
    ) as started:
        yield started


@pytest.fixture(scope="module")
def front(front_port: int, platform: Platform) -> Iterator[Front]:
    with caddy(front_port, platform.port, SITE, f"*.{PREVIEWS}") as started:
        yield started


@pytest.fixture(scope="module")
def site(front: Front) -> str:
    """The workbench's Host."""
    return f"{SITE}:{front.port}"


@pytest.fixture(scope="module")
def box(program: Client) -> str:
    sandbox = program("POST", "sandboxes", {"wait": PATIENCE})["id"]
    body = {"command": "python3", "args": ["-c", APP], "background": True}
    program("POST", f"sandboxes/{sandbox}/commands", body)
    until(
        lambda: (
            program("GET", f"sandboxes/{sandbox}/ports")["items"][0]["listening"]
            if program("GET", f"sandboxes/{sandbox}/ports")["items"]
            else False
        )
    )
    return str(sandbox)


@pytest.fixture(scope="module")
def preview(front: Front, box: str) -> str:
    """The preview's Host."""
    return f"3000-{box}.{PREVIEWS}:{front.port}"


@pytest.fixture(scope="module")
def visitor(front: Front, site: str, platform: Platform, program: Client) -> Visitor:
    """Signed in by a link, as whoever has the sandbox."""
    one = Visitor(front)
    link = platform.manage("sign_in_link", "program", "--url", f"https://{site}").split()[-1]
    page = one.open(link)
    fields = re.findall(r'name="(csrfmiddlewaretoken|token)" value="([^"]+)"', page.read().decode())
    assert len(fields) == 2
    form = {
        **OPENED,
        "Origin": f"https://{site}",
        "Referer": f"https://{site}/",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    use = urlsplit(link)._replace(path="/sign-in/link/", query="").geturl()
    answer = one.ask(use, form, method="POST", body=urlencode(fields))
    assert answer.status == 302, answer.read()
    return one


def socket_to(front: Front, host: str, path: str, **options: Any) -> Any:
    return connect(
        f"wss://{host}{path}",
        sock=front.socket(),
        ssl=front.trust,
        server_hostname=name_of(host),
        **{"origin": f"https://{host}", **options},
    )


def test_signing_in_gives_cookies_that_are_safe_and_the_pages(visitor: Visitor, site: str) -> None:
    assert SESSION_COOKIE in visitor.cookies[site]

    page = visitor.open(f"https://{site}/settings/")

    assert page.status == 200
    assert b"<h1>Settings" in page.read()
    assert "max-age" in page.headers["Strict-Transport-Security"]


def test_the_owner_is_led_into_a_preview_and_the_app_knows_the_outer_name(
    visitor: Visitor, preview: str
) -> None:
    page = visitor.open(f"https://{preview}/")

    assert page.status == 200
    assert page.read().decode() == preview


def test_output_comes_as_it_is_printed(front: Front, site: str, program: Client, box: str) -> None:
    body = {"command": "sh", "args": ["-c", "echo first; exec sleep 600"]}
    command = program("POST", f"sandboxes/{box}/commands", body)["id"]
    path = f"/api/v1/commands/{command}/logs?follow=1"

    answer = front.ask(site, path, headers={"Authorization": f"Bearer {program.key}"})

    assert json.loads(answer.readline())["data"] == "first\n"
    answer.close()


def test_what_an_app_begins_to_say_is_there_before_its_end(visitor: Visitor, preview: str) -> None:
    answer = visitor.open(f"https://{preview}/endless")

    assert answer.read1(len(preview)).decode() == preview
    answer.close()


def test_the_pages_socket_follows_a_log(
    front: Front, visitor: Visitor, site: str, program: Client, box: str
) -> None:
    body = {"command": "sh", "args": ["-c", "echo first; exec sleep 600"]}
    command = program("POST", f"sandboxes/{box}/commands", body)["id"]
    session = {"Cookie": f"{SESSION_COOKIE}={visitor.cookies[site][SESSION_COOKIE]}"}
    path = f"/ws/commands/{command}/log/?after=0"

    with socket_to(front, site, path, additional_headers=session) as opened:
        said = until(lambda: "first" in str(opened.recv(PATIENCE)))

    assert said
    with (
        pytest.raises(InvalidStatus) as refused,
        socket_to(
            front, site, path, additional_headers=session, origin=f"https://3000-{box}.{PREVIEWS}"
        ),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_socket_of_the_app_goes_through_for_who_may_enter(
    front: Front, preview: str, program: Client
) -> None:
    shown = {"X-Vibe-Key": program.key}

    with socket_to(front, preview, "/", additional_headers=shown) as opened:
        assert opened.recv(PATIENCE) == "hello"


def test_metrics_are_closed_to_the_outside(front: Front, site: str) -> None:
    assert front.ask(site, "/metrics").status == 401

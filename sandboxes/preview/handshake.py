"""The opening of a WebSocket to a server in a sandbox (RFC 6455 §4)."""

from __future__ import annotations

import base64
import hashlib
import secrets

import httpcore
from asgiref.typing import WebSocketScope

from sandboxes.preview import headers
from sandboxes.preview.asking import Ask
from sandboxes.preview.host import Target
from sandboxes.preview.inside import Inside
from sandboxes.preview.request import client_address, request_target, site_of

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SWITCHING = 101
TIMEOUT = 10.0  # seconds


class Declined(Exception):
    """The server does not open a WebSocket; `status` is what it answered instead."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def new_key() -> bytes:
    """What the server has to answer to, so that it shows that it understands."""
    return base64.b64encode(secrets.token_bytes(16))


def opening(scope: WebSocketScope, target: Target, key: bytes) -> Ask:
    """The request that opens a socket as the browser asked for it, without extensions: what is
    not compressed cannot swell. Raises headers.BadRequest."""
    given = [(n, v) for n, v in scope["headers"] if not n.startswith(b"sec-websocket-")]
    path, site, client = request_target(scope), site_of(scope, target), client_address(scope)
    wanted: headers.Headers = [
        (b"connection", b"Upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-key", key),
    ]
    if scope["subprotocols"]:
        offered = ", ".join(scope["subprotocols"]).encode("latin-1")
        wanted.append((b"sec-websocket-protocol", offered))

    def make(tls: bool) -> httpcore.Request:
        passed = headers.for_sandbox(given, client=client, inside=Inside(site, tls))
        return httpcore.Request(
            b"GET",
            httpcore.URL(scheme=b"http", host=b"sandbox", port=80, target=path),
            headers=passed + wanted,
            extensions={"timeout": {"read": TIMEOUT, "write": TIMEOUT}},
        )

    return Ask(make, may_retry=True)


def opened(response: httpcore.Response, key: bytes, offered: list[str]) -> str | None:
    """The subprotocol that the server has chosen. Raises Declined when it opened no socket, or
    one that was not asked for."""
    said = {name.lower(): value.strip() for name, value in response.headers}
    proof = base64.b64encode(hashlib.sha1(key + MAGIC, usedforsecurity=False).digest())
    if (
        response.status != SWITCHING
        or said.get(b"sec-websocket-accept") != proof
        or said.get(b"upgrade", b"").lower() != b"websocket"
        or b"sec-websocket-extensions" in said
    ):
        raise Declined(response.status)
    chosen = said.get(b"sec-websocket-protocol")
    if chosen is None:
        return None
    if chosen.decode("latin-1") not in offered:
        raise Declined(response.status)
    return chosen.decode("latin-1")

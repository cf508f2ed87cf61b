"""A client that begins to encrypt is turned away, where Daphne would wait for the end of a line."""

from __future__ import annotations

import sys
from typing import Any

# The first byte of every TLS connection; no request in plain text begins with it.
HANDSHAKE = b"\x16"


def refuse_encryption() -> None:
    """Let Daphne hang up on `https://` at once: this server speaks plain HTTP, a proxy the other.

    The official Python client of Vercel Sandbox asks that way five times before each terminal,
    with five seconds of patience.
    """
    # Not imported: that would start Twisted's loop also where another server is at work.
    http = sys.modules.get("daphne.http_protocol")
    if http is None or hasattr(http.HTTPFactory, "_vibe_plain"):
        return
    build = http.HTTPFactory.buildProtocol

    def build_protocol(self: Any, address: Any) -> Any:
        protocol = build(self, address)
        hear = protocol.dataReceived

        def hear_first(data: bytes) -> None:
            protocol.dataReceived = hear
            if data.startswith(HANDSHAKE):
                protocol.transport.abortConnection()
            else:
                hear(data)

        protocol.dataReceived = hear_first
        return protocol

    http.HTTPFactory.buildProtocol = build_protocol
    http.HTTPFactory._vibe_plain = True

"""What stands behind the `send` of an ASGI application under Daphne."""

from __future__ import annotations

from functools import partial
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol


def protocol_of(send: object) -> Any:
    """The Twisted protocol behind `send`, or None under another server."""
    if isinstance(send, partial) and send.args:
        protocol = send.args[0]
        if isinstance(protocol, WebRequest | WebSocketProtocol):
            return protocol
    return None

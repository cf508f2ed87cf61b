"""Responses that cannot be completed end with their connection."""

from __future__ import annotations

import logging

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from daphne.http_protocol import WebRequest

from vibe.web.daphne_seam.behind import protocol_of

logger = logging.getLogger(__name__)


def cut(send: ASGISendCallable, *, at_once: bool = False) -> bool:
    """Close the connection of a response that cannot be completed, so that nobody takes it
    for whole. False under another server, where the application has to raise.

    at_once: what was sent and not read yet is dropped; else that is waited for.
    """
    protocol = protocol_of(send)
    if protocol is None:
        return False
    if not at_once:
        protocol.loseConnection()
    elif isinstance(protocol, WebRequest):
        if protocol.channel is not None:
            protocol.channel.transport.abortConnection()
    else:
        protocol.transport.abortConnection()
    return True


class CutBrokenResponses:
    """ASGI middleware: an application that fails in the middle of a response ends its connection.

    Daphne would try to send an error page into the response, fail at that, and never again
    clean up after finished applications.
    """

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception:
            protocol = protocol_of(send)
            if not (isinstance(protocol, WebRequest) and protocol._response_started):
                raise
            logger.exception("A response broke off in its middle")
            protocol.loseConnection()

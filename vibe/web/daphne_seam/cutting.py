"""Responses that cannot be completed end with their connection."""

from __future__ import annotations

import logging

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from daphne.http_protocol import WebRequest

from vibe.web.daphne_seam.behind import protocol_of

logger = logging.getLogger(__name__)


def cut(send: ASGISendCallable) -> bool:
    """Close the connection of a response that cannot be completed, so that nobody takes it
    for whole. False under another server, where the application has to raise.
    """
    protocol = protocol_of(send)
    if protocol is None:
        return False
    protocol.loseConnection()
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

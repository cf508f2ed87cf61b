"""Bodies of requests, which stay on the disk until they are read."""

from __future__ import annotations

import asyncio
import os
import sys
import weakref
from typing import Any, cast

from daphne.http_protocol import WebRequest


def keep_bodies_on_disk() -> None:
    """Let Daphne hand out the body of a request as it is read.

    It has kept a large body in a temporary file, and would put all of it into a queue in memory
    before the application reads the first piece; before that, Twisted would read forms whole.
    """
    # Not imported: that would start Twisted's loop also where another server is at work.
    server = sys.modules.get("daphne.server")
    if server is None or hasattr(server.Server, "_vibe_bodies"):
        return
    create = server.Server.create_application

    def create_application(self: Any, protocol: Any, scope: Any) -> asyncio.Queue[Any] | None:
        queue: asyncio.Queue[Any] | None = create(self, protocol, scope)
        if queue is not None and isinstance(protocol, WebRequest):
            read_late(queue, protocol.content)
        return queue

    server.Server.create_application = create_application
    server.Server._vibe_bodies = True
    leave_forms_unread()


def leave_forms_unread() -> None:
    """Let Twisted not take forms apart: nobody asks for that, and it takes an upload's size in
    memory a dozen times."""
    begin = WebRequest.__init__

    def __init__(self: Any, *args: Any, **more: Any) -> None:
        begin(self, *args, **{**more, "parsePOSTFormSubmission": False})

    cast(Any, WebRequest).__init__ = __init__


def read_late(queue: asyncio.Queue[Any], content: Any) -> None:
    """Let `queue` remember where in the file `content` the body of a message lies, and not it."""
    try:
        file = os.dup(content.fileno())
    except (OSError, AttributeError):  # a small body, which is in memory
        return
    closing = weakref.finalize(queue, os.close, file)
    end = 0

    def put_nowait(message: dict[str, Any]) -> None:
        nonlocal end
        if message["type"] == "http.request":
            place, end = end, end + len(message["body"])
            message = {**message, "body": (place, end - place)}
        asyncio.Queue.put_nowait(queue, message)

    def get() -> dict[str, Any]:
        message: dict[str, Any] = cast(Any, queue)._queue.popleft()
        if message["type"] == "http.request":
            place, size = message["body"]
            message = {**message, "body": os.pread(file, size, place)}
            if not message["more_body"]:
                closing()
        return message

    # The queue's own hooks: what waits in `get` has been bound to it before.
    lazy: Any = queue
    lazy.put_nowait, lazy._get = put_nowait, get

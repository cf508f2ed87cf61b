"""What is written into a WebSocket past Autobahn is what the protocol says."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from daphne.http_protocol import WebRequest
from websockets.frames import Frame, Opcode

from vibe.web.daphne_seam import flow_control, websockets


@pytest.mark.parametrize("size", [1, 125, 126, 65_535, 65_536, 256 * 1024])
@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
def test_a_message_of_any_size_is_one_frame(opcode, size):
    data = b"x" * size
    assert websockets.frame(opcode, data) == Frame(opcode, data).serialize(mask=False)


async def test_an_answer_to_a_client_that_has_left_is_sent_to_nobody():
    sent: list[Any] = []

    async def handle(_request: WebRequest, event: Any) -> None:
        sent.append(event)

    request = WebRequest.__new__(WebRequest)
    request.channel = None  # as Twisted leaves it after the connection
    request._disconnected = True
    event: Any = {"type": "http.response.body", "body": b"", "more_body": False}

    with flow_control(partial(handle, request)) as sending:
        await sending(event)

    assert sent == [event]

"""The guard around what a socket sends."""

from __future__ import annotations

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from vibe.accounts.models import User
from vibe.web.stream_consumer import MAX_FRAME, StreamConsumer


class Raising(StreamConsumer):
    async def stream(self) -> None:
        await self.send_json({"n": 1})
        raise RuntimeError("a bug")


class TooLarge(StreamConsumer):
    async def stream(self) -> None:
        await self.send_json({"text": "x" * MAX_FRAME})


class Short(StreamConsumer):
    async def stream(self) -> None:
        await self.send_json({"n": 1})


def connect(consumer: type[StreamConsumer], user=None) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(consumer.as_asgi(), "/")
    communicator.scope["user"] = user or User(username="alice")
    return communicator


async def closing_code(communicator: WebsocketCommunicator) -> int:
    while (event := await communicator.receive_output(5))["type"] != "websocket.close":
        pass
    return event["code"]


@pytest.mark.parametrize(("consumer", "code"), [(Raising, 1011), (TooLarge, 1011), (Short, 1000)])
async def test_the_end_of_the_pump_closes_the_socket(consumer, code):
    communicator = connect(consumer)
    assert (await communicator.connect())[0]
    assert await closing_code(communicator) == code


async def test_a_stranger_is_turned_away_with_a_code_that_the_browser_sees():
    communicator = connect(Short, AnonymousUser())
    assert (await communicator.connect())[0]
    assert await closing_code(communicator) == 4401

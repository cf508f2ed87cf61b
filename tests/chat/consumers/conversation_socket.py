"""The socket of an open conversation, for tests that listen to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import transaction

from chat.models import Conversation, Part, Turn
from chat.routing import websocket_urlpatterns
from tests.fixtures.rows import make_turn

TIMEOUT = 30
run = sync_to_async


@asynccontextmanager
async def socket(user: Any, conversation: Conversation, query: str = "") -> AsyncIterator[Any]:
    path = f"/ws/conversations/{conversation.pk}/?{query}"
    communicator = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path)
    communicator.scope["user"] = user
    connected, _ = await communicator.connect(timeout=TIMEOUT)
    assert connected
    try:
        yield communicator
    finally:
        await communicator.disconnect(timeout=TIMEOUT)


async def frames_up_to(communicator: Any, wanted: str) -> list[dict[str, Any]]:
    """Frames up to the one that contains `wanted`."""
    frames: list[dict[str, Any]] = []
    while not frames or wanted not in str(frames[-1]):
        frames.append(await communicator.receive_json_from(timeout=TIMEOUT))
    return frames


@transaction.atomic  # a socket that is open already must not see half of it
def running(conversation: Conversation) -> tuple[Turn, Part]:
    turn = make_turn(conversation, status="running", answer="")
    part = Part.objects.get(message__turn=turn, message__role="assistant")
    Part.objects.filter(pk=part.pk).update(state="streaming")
    return turn, part

"""The entry of every request on a real Daphne: WebSockets of the platform itself, broken pages."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Any

import pytest
from django.conf import settings
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fixtures.waiting import PATIENCE
from vibe.asgi import application


def dial(web, path: str, host: str = "", origin: str = "") -> connect:
    host = host or f"127.0.0.1:{web.port}"
    return connect(
        f"ws://{host}{path}",
        host="127.0.0.1",
        port=web.port,
        proxy=None,
        open_timeout=20,
        origin=origin or f"http://{host}",
    )


def test_a_client_that_encrypts_is_turned_away_at_once(web) -> None:
    began = time.monotonic()
    with pytest.raises(OSError), web.send(b"") as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
    assert time.monotonic() - began < PATIENCE / 2


async def test_an_unknown_path_closes_the_socket_with_4404(web) -> None:
    async with dial(web, "/ws/nothing/here/") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 20)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://3000-abcdefghij0123456789.localhost:8000",
        "null",
        "http://127.0.0.1",
        "file://",
    ],
)
async def test_a_foreign_page_cannot_open_a_socket(web, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(web, "/ws/commands/x/log/", origin=origin)

    assert refused.value.response.status_code == 403


async def test_a_page_on_a_host_that_is_not_ours_cannot_open_a_socket(web) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(web, "/ws/commands/x/log/", host=f"rebound.example:{web.port}")

    assert refused.value.response.status_code == 403


async def test_a_host_below_the_preview_domain_has_no_sockets_of_the_platform(web) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(web, "/ws/commands/x/log/", host=f"app.localhost:{web.port}")

    assert refused.value.response.status_code == 403


async def test_the_server_is_told_that_start_and_stop_are_done() -> None:
    asked = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    told: list[Any] = []

    async def receive() -> Any:
        return asked.pop(0)

    async def send(event: Any) -> None:
        told.append(event["type"])

    await application({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)

    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_pages_of_the_platform_are_served(web) -> None:
    answer = web.ask(f"localhost:{web.port}", "/sign-in/")

    assert answer.status == 200
    assert settings.SESSION_COOKIE_NAME not in str(answer.headers)

"""Browsers that leave in the middle of whatever goes on cost a preview nothing."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from sandboxes.models import Sandbox
from tests.fixtures.length import length

pytestmark = pytest.mark.sandbox

AT_ONCE = 60
REQUESTS = length(1_200, 10_000)
SOCKETS = length(120, 1_000)
PATHS = (
    "/page",
    "/big?size=400000",
    "/hang?name=left",
    "/endless?name=left",
    "/events",
    "/headers",
)
SOCKET = (
    "GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Origin: http://{host}\r\n\r\n"
)


def leave(web, heads: list[bytes], seed: int) -> None:
    """Send each and hang up, at once or after a moment, having read nothing or a little."""
    chance = random.Random(seed)
    for head in heads:
        with web.send(head) as connection:
            connection.settimeout(0.05)
            if chance.random() < 0.6:
                continue
            try:
                connection.recv(chance.choice((1, 100, 5_000)))
            except TimeoutError:
                continue


def all_leave(web, heads: list[bytes]) -> None:
    threads = [
        threading.Thread(target=leave, args=(web, heads[number::AT_ONCE], number))
        for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def usual(web, sandbox: Sandbox) -> float:
    """Seconds of the slowest of ten pages."""
    slowest = 0.0
    for _ in range(10):
        began = time.monotonic()
        assert web.ask(web.host(sandbox), "/page").status == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def no_place_is_lost(web, sandbox: Sandbox) -> None:
    """As many requests at once as there are places all get their answer."""
    host = web.host(sandbox)
    answers = [
        web.send(f"GET /page HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        for _ in range(settings.PREVIEW_REQUESTS)
    ]
    try:
        for connection in answers:
            connection.settimeout(15)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
    finally:
        for connection in answers:
            connection.close()


@pytest.mark.timeout(300)
def test_a_preview_answers_in_its_usual_time_after_thousands_have_left(
    web, sandbox: Sandbox
) -> None:
    before = usual(web, sandbox)
    chance = random.Random(7)
    host = web.host(sandbox)
    all_leave(
        web,
        [
            f"GET {chance.choice(PATHS)} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
            for _ in range(REQUESTS)
        ],
    )

    assert usual(web, sandbox) < before + 2.0
    no_place_is_lost(web, sandbox)


@pytest.mark.timeout(300)
def test_a_preview_answers_in_its_usual_time_after_sockets_were_cut(web, sandbox: Sandbox) -> None:
    before = usual(web, sandbox)
    all_leave(web, [SOCKET.format(host=web.host(sandbox, 3001)).encode()] * SOCKETS)

    assert usual(web, sandbox) < before + 2.0
    no_place_is_lost(web, sandbox)


def test_who_leaves_early_leaves_no_traceback(web, sandbox: Sandbox, top: Path) -> None:
    log = top / "web.log"
    before = len(log.read_bytes())
    host = web.host(sandbox)
    heads = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for path in PATHS]

    all_leave(web, [*heads, SOCKET.format(host=host).encode()] * 60)
    usual(web, sandbox)

    assert b"Traceback" not in log.read_bytes()[before:]

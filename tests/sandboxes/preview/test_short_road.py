"""Requests that pass from socket to socket: they get what the long road gives."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest

from sandboxes.models import Sandbox
from tests.fixtures.waiting import PATIENCE, until

pytestmark = pytest.mark.sandbox

MIB = 1024 * 1024
# Twisted spells names of headers its way, the short road as rooms of previews do.
SHORT, LONG = b"\r\norigin-agent-cluster: ", b"\r\nOrigin-Agent-Cluster: "


def get(host: str, path: str = "/page", *lines: str, version: str = "1.1") -> bytes:
    head = (f"GET {path} HTTP/{version}", f"Host: {host}", *lines, "", "")
    return "\r\n".join(head).encode()


def answered(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one answer, which gives its length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
    while len(body) < size:
        body += received(connection)
    return head, body


def received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    assert data, "the connection has ended"
    return data


def asked(connection: socket.socket, request: bytes) -> tuple[bytes, bytes]:
    connection.sendall(request)
    return answered(connection)


@pytest.fixture
def connection(web, sandbox: Sandbox) -> Iterator[socket.socket]:
    """One on which the short road is open."""
    with web.send(b"") as opened:
        until(lambda: SHORT in asked(opened, get(web.host(sandbox)))[0])
        yield opened


def test_both_roads_give_the_same_answer(web, sandbox: Sandbox, connection: socket.socket) -> None:
    host = web.host(sandbox)
    given = json.dumps(
        ["Set-Cookie: a=1; Domain=localhost", "Set-Cookie: b=2", "X-Frame-Options: DENY",
         "Location: http://localhost:3001/x", "Content-Type: text/html",
         "Content-Security-Policy: frame-ancestors 'none'; default-src 'self'"]
    )  # fmt: skip
    path = f"/headers?give={given.replace(' ', '%20').replace(chr(34), '%22')}&body=hello"

    short = asked(connection, get(host, path))
    with web.send(get(host, path, version="1.0")) as other:
        long = answered(other)

    assert SHORT in short[0]
    assert LONG in long[0]
    assert short[1] == long[1] == b"hello"
    lines = [sorted(head.lower().split(b"\r\n")[1:]) for head, _ in (short, long)]
    # HTTP/1.0 ends with its answer, and this Daphne says its name.
    added = (b"connection:", b"server: daphne")
    assert lines[0] == [line for line in lines[1] if not line.startswith(added)]


def test_the_server_is_asked_the_same_by_both_roads(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    host = web.host(sandbox)
    lines = ("X-Forwarded-For: 8.8.8.8", "Cookie: a=1; __Host-vibe_session=x", "X-Own: 1",
             f"Referer: http://{host}/page", "Accept-Encoding: gzip")  # fmt: skip

    short = json.loads(asked(connection, get(host, "/said?x", *lines))[1])
    with web.send(get(host, "/said?x", *lines, version="1.0")) as other:
        long = json.loads(answered(other)[1])

    assert {**short, "headers": sorted(short["headers"])} == {
        **long,
        "headers": sorted(long["headers"]),
    }


def test_each_request_of_a_connection_goes_by_its_own_host(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    for _ in range(2):
        assert SHORT in asked(connection, get(web.host(sandbox)))[0]
        head, body = asked(connection, get(f"127.0.0.1:{web.port}", "/healthz"))
        assert head.startswith(b"HTTP/1.1 200")
        assert b"Previewed" not in body
        assert asked(connection, get(web.host("b" * 20)))[0].startswith(b"HTTP/1.1 404")


def test_requests_that_come_at_once_are_answered_in_turn(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    host = web.host(sandbox)
    connection.sendall(b"".join(get(host, f"/said?{number}") for number in range(5)))
    data = b""
    while data.count(b'"sha256"') < 5:
        data += received(connection)
    places = [data.index(f'"/said?{number}"'.encode()) for number in range(5)]
    assert places == sorted(places)


@pytest.mark.parametrize("size", [600_000, 12 * MIB])
def test_a_download_is_whole_for_who_reads_late(
    size: int, web, sandbox: Sandbox, connection: socket.socket
) -> None:
    before = int(web.ask(web.host(sandbox), "/poured").read())
    connection.sendall(get(web.host(sandbox), f"/big?size={size}"))
    until(lambda: int(web.ask(web.host(sandbox), "/poured").read()) > before)

    head, body = answered(connection)

    assert SHORT in head
    assert body == b"x" * size
    assert SHORT in asked(connection, get(web.host(sandbox)))[0]


def test_events_arrive_as_they_are_sent(web, sandbox: Sandbox, connection: socket.socket) -> None:
    connection.sendall(get(web.host(sandbox), "/events"))
    data = b""
    while b"data: 1" not in data:
        data += received(connection)
    assert SHORT in data
    web.ask(web.host(sandbox), "/go").read()
    while not data.endswith(b"0\r\n\r\n"):
        data += received(connection)
    assert data.count(b"data: ") == 2


def test_the_server_learns_that_a_browser_has_left(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    connection.sendall(get(web.host(sandbox), f"/endless?name={sandbox.pk}"))
    received(connection)
    connection.close()

    until(lambda: sandbox.pk in json.loads(web.ask(web.host(sandbox), "/gone").read()))


def test_a_server_that_hangs_up_between_two_requests_is_asked_anew(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    for _ in range(3):
        assert asked(connection, get(web.host(sandbox), "/last"))[1] == b"last"


def test_an_answer_that_breaks_off_ends_the_connection(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    connection.sendall(get(web.host(sandbox), "/too-short"))
    data = b""
    while piece := connection.recv(65536):
        data += piece
    assert SHORT in data
    assert data.endswith(b"0123456789")


@pytest.mark.parametrize("path", ["/hang-up", "/nonsense"])
def test_a_server_without_an_answer_is_explained(
    path: str, web, sandbox: Sandbox, connection: socket.socket
) -> None:
    head, body = asked(connection, get(web.host(sandbox), path))

    assert head.startswith(b"HTTP/1.1 502")
    assert b"gave no proper answer" in body


def test_a_browser_that_wants_no_other_answer_is_hung_up_on(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    head, _ = asked(connection, get(web.host(sandbox), "/page", "Connection: close"))

    assert b"\r\nconnection: close" in head
    assert connection.recv(1) == b""


def test_a_sandbox_that_is_deleted_is_seen_no_more_on_an_open_connection(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    connection.sendall(get(web.host(sandbox), "/silent-start"))
    with web.send(get(web.host(sandbox))) as other:
        answered(other)
        Sandbox.objects.filter(pk=sandbox.pk).delete()
        data = b"."
        while data:  # the stream is cut
            data = _until_cut(connection)
        until(lambda: asked(other, get(web.host(sandbox)))[0].startswith(b"HTTP/1.1 404"))


def _until_cut(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def test_a_dev_server_is_asked_for_hundreds_of_modules_at_once(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    async def module(number: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(get(web.host(sandbox), f"/module?{number}", "Connection: close"))
        async with asyncio.timeout(PATIENCE):
            said = await reader.read()
        writer.close()
        return said.partition(b"\r\n")[0]

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(module(number) for number in range(600)))

    assert set(asyncio.run(all_of_them())) == {b"HTTP/1.1 200 OK"}


def test_requests_with_a_body_pass_between_those_of_the_short_road(
    web, sandbox: Sandbox, connection: socket.socket
) -> None:
    host = web.host(sandbox)
    post = f"POST /said HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello".encode()

    assert json.loads(asked(connection, post)[1])["length"] == 5
    assert SHORT in asked(connection, get(host))[0]

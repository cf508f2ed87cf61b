"""A tunnel carries what its host was allowed for, and nothing that asks for another host."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandboxes.engine.egress.hello_retry import RETRY, server_answer
from sandboxes.engine.egress.opening import Opening, kind_of
from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.hellos import HELLO, extended, greeting, in_records
from tests.sandboxes.egress.town import PATIENCE, Town, echo, mirror

GET = "GET / HTTP/1.1\r\nHost: {}\r\n\r\n"


class Listening:
    """A host that keeps what it gets and says nothing."""

    def __init__(self) -> None:
        self.got = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.got += data
        writer.close()


@pytest.fixture
async def of_the_web(town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """of_the_web(handler) -> the port of good.test, which counts as one of the web."""

    async def serve(handler: Any, *, tls: bool = False) -> int:
        port = await town.site("good.test", handler, tls=tls)
        monkeypatch.setattr("sandboxes.engine.egress.tunnel.WEB_PORTS", (port,))
        await town.open()
        return port

    return serve


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that comes to the end of the connection."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def refused(town: Town) -> list[str]:
    """The sentences of the event log about what was refused."""
    await town.gateway.drop("box")
    return [f"{host}: {why}" for host, _, allowed, why in town.decisions if not allowed]


async def taken() -> None:
    """Let the proxy, which is in the same loop, take what was sent, so that it comes in pieces."""
    for _ in range(10):
        await asyncio.sleep(0)


def lenient() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def test_a_greeting_that_names_the_host_goes_through_untouched(town: Town, of_the_web):
    port = await of_the_web(echo, tls=True)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    async with asyncio.timeout(PATIENCE):
        await writer.start_tls(lenient(), server_hostname="good.test")
        writer.write(b"private")
        assert await reader.readexactly(7) == b"private"


async def test_a_greeting_in_pieces_reaches_the_host_whole(town: Town, of_the_web):
    host = Listening()
    port = await of_the_web(host.serve)
    _, _, writer = await town.tunnel(f"good.test:{port}")
    wire = in_records(HELLO, 7)
    for at in range(0, len(wire), 11):
        writer.write(wire[at : at + 11])
        await writer.drain()
        await taken()
    await until_async(lambda: host.got == wire)


EVIL = greeting("evil.test")


@pytest.mark.parametrize(
    "pieces",
    [[EVIL], [EVIL[:60], EVIL[60:]], [EVIL[:1], EVIL[1:]], [in_records(EVIL, 1)],
     [in_records(EVIL, 40)[:100], in_records(EVIL, 40)[100:]]],
)  # fmt: skip
@pytest.mark.parametrize("on_the_web", [True, False])
async def test_a_greeting_for_another_host_never_reaches_it(
    town: Town, monkeypatch, pieces: list[bytes], on_the_web: bool
):
    host = Listening()
    port = await town.site("good.test", host.serve)
    if on_the_web:
        monkeypatch.setattr("sandboxes.engine.egress.tunnel.WEB_PORTS", (port,))
    await town.open()
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await taken()
    assert (await rest(reader))[:1] == b"\x15"  # an alert of TLS
    assert host.got == b""
    assert "evil.test: asked for in a tunnel to good.test" in await refused(town)


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (greeting(None), "the TLS greeting in its tunnel names no host"),
        (extended(HELLO, 0xFE0D, b"\0" * 40), "the TLS greeting in its tunnel may hide another "
         "host (encrypted client hello)"),
        (HELLO[:5] + b"\x02" + HELLO[6:], "the TLS greeting in its tunnel cannot be understood"),
        (b"SSH-2.0-x\r\n\r\n", "what came through its tunnel is neither TLS nor plain HTTP/1.1"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
         "what came through its tunnel is neither TLS nor plain HTTP/1.1"),
        (b"\x00\x01\x02\r\n\r\n", "what came through its tunnel is neither TLS nor plain HTTP/1.1"),
    ],
)  # fmt: skip
async def test_what_does_not_say_which_host_it_is_for_never_reaches_it(
    town: Town, of_the_web, wire: bytes, why: str
):
    host = Listening()
    port = await of_the_web(host.serve)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    writer.write(wire)
    await rest(reader)
    assert host.got == b""
    assert f"good.test: {why}" in await refused(town)


# A server's request for another greeting, as much of it as is looked at.
RETRY_ME = b"\x16\x03\x03\x00\x58\x02\x00\x00\x54\x03\x03" + RETRY + bytes(50)
BEFORE = [b"", b"\x14\x03\x03\x00\x01\x01", b"\x17\x03\x03\x00\x05early"]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("size", [1, 100, 10_000])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_second_greeting_for_another_host_never_reaches_it(
    town: Town, of_the_web, before: bytes, size: int, at_once: bool
):
    """Servers that are asked twice take the second name."""
    got = b""

    async def asks_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        got += await reader.readexactly(len(HELLO))
        writer.write(RETRY_ME)
        got += await reader.read()
        writer.close()

    port = await of_the_web(asks_again)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    second = before + in_records(EVIL, size)
    writer.write(HELLO + (second if at_once else b""))
    async with asyncio.timeout(PATIENCE):
        assert await reader.readexactly(len(RETRY_ME)) == RETRY_ME
    if not at_once:
        writer.write(second[:9])
        await writer.drain()
        await taken()
        writer.write(second[9:])
    assert (await rest(reader))[:1] == b"\x15"
    await until_async(lambda: got == HELLO)
    assert "evil.test: asked for in a tunnel to good.test" in await refused(town)


@pytest.mark.parametrize("before", BEFORE)
async def test_a_second_greeting_for_the_host_goes_through(town: Town, of_the_web, before: bytes):
    got = b""

    async def asks_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        got += await reader.readexactly(len(HELLO))
        writer.write(RETRY_ME)
        await writer.drain()
        got += await reader.readexactly(len(before + HELLO))
        await echo(reader, writer)

    port = await of_the_web(asks_again)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    writer.write(HELLO)
    async with asyncio.timeout(PATIENCE):
        await reader.readexactly(len(RETRY_ME))
        writer.write(before + HELLO + b"\x17\x03\x03\x00\x04data")
        assert await reader.readexactly(9) == b"\x17\x03\x03\x00\x04data"
    assert got == HELLO + before + HELLO


async def test_a_real_server_that_asks_for_another_greeting_gets_it(
    town: Town, of_the_web, monkeypatch
):
    port = await of_the_web(echo, tls=True)
    # A curve for which no client sends a key at first.
    town.site_authority.server_context("good.test").set_ecdh_curve("secp521r1")
    client = lenient()
    again: list[bool] = []

    async def noted(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
        said = await server_answer(reader)
        again.append(said[1])
        return said

    monkeypatch.setattr("sandboxes.engine.egress.tunnel.server_answer", noted)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    async with asyncio.timeout(PATIENCE):
        await writer.start_tls(client, server_hostname="good.test")
        writer.write(b"private")
        assert await reader.readexactly(7) == b"private"
    assert again == [True]


async def test_where_every_host_is_allowed_a_greeting_may_hide_one(town: Town, monkeypatch):
    host = Listening()
    port = await town.site("good.test", host.serve)
    monkeypatch.setattr("sandboxes.engine.egress.tunnel.WEB_PORTS", (port,))
    await town.open({"allow": [f"*:{port}"]})
    _, _, writer = await town.tunnel(f"good.test:{port}")
    wire = extended(HELLO, 0xFE0D, b"\0" * 40)
    writer.write(wire)
    await until_async(lambda: host.got == wire)


async def test_an_address_needs_no_name_in_the_greeting(town: Town):
    host = Listening()
    port = await town.site("good.test", host.serve)
    town.trust(f"127.0.0.1:{port}")
    await town.open()
    _, _, writer = await town.tunnel(f"127.0.0.1:{port}")
    wire = greeting(None)
    writer.write(wire)
    await until_async(lambda: host.got == wire)


@pytest.mark.parametrize("method", ["GET", "get", "\r\n\r\nGET", "BREW", "*1"])
@pytest.mark.parametrize("on_the_web", [True, False])
async def test_plain_http_for_another_host_never_reaches_it(
    town: Town, monkeypatch, method: str, on_the_web: bool
):
    host = Listening()
    port = await town.site("good.test", host.serve)
    if on_the_web:
        monkeypatch.setattr("sandboxes.engine.egress.tunnel.WEB_PORTS", (port,))
    await town.open()
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    writer.write(f"{method} / HTTP/1.1\r\nHost: evil.test\r\n\r\n".encode())
    assert (await rest(reader)).split()[1] in (b"421", b"400")
    assert host.got == b""
    assert await refused(town)


@pytest.mark.parametrize("second", ["evil.test", "good.test:81", "good.test.evil.test", "a b"])
@pytest.mark.parametrize("pipelined", [True, False])
async def test_a_second_request_for_another_host_is_refused_too(
    town: Town, of_the_web, second: str, pipelined: bool
):
    port = await of_the_web(mirror)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    writer.write(GET.format(f"good.test:{port}").encode())
    if pipelined:
        writer.write(GET.format(second).encode())
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        assert b"GET / HTTP/1.1" in await reader.readexactly(length)
    if not pipelined:
        writer.write(GET.format(second).encode())
    assert (await rest(reader)).split()[1] in (b"421", b"400")
    assert await refused(town)


@pytest.mark.parametrize("host", ["good.test", "GOOD.test.", "good.test:{port}"])
async def test_plain_http_for_the_host_itself_goes_through(town: Town, of_the_web, host: str):
    port = await of_the_web(mirror)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    text = GET.format(host.format(port=port)).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    writer.write(text.encode())
    answer = await rest(reader)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f"host: good.test:{port}".encode() in answer.lower()


async def test_a_host_that_hangs_up_before_the_first_request_is_dialled_again(
    town: Town, of_the_web
):
    hung_up = 0

    async def impatient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal hung_up
        if not hung_up:
            hung_up += 1
            writer.close()
            return
        await mirror(reader, writer)

    port = await of_the_web(impatient)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    await until_async(lambda: hung_up)
    await taken()
    writer.write(b"GET / HTTP/1.1\r\nHost: good.test\r\nConnection: close\r\n\r\n")
    assert (await rest(reader)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent", [b"SSH-2.0-OpenSSH_9\r\n", b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"EHLO box\r\n",
             b"*1\r\n$4\r\nPING\r\n", b"still there\n", b"0123456789" * 50_000]
)  # fmt: skip
async def test_a_port_that_is_named_carries_any_protocol(town: Town, sent: bytes):
    port = await town.site("good.test", echo)
    await town.open()
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    writer.write(sent)
    writer.write_eof()
    assert await rest(reader) == sent


async def test_a_host_that_speaks_first_is_heard_at_once(town: Town):
    async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 good.test\r\n")
        await echo(reader, writer)

    port = await town.site("good.test", greets)
    await town.open()
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    async with asyncio.timeout(PATIENCE):
        assert await reader.readline() == b"220 good.test\r\n"
        writer.write(b"EHLO x\r\n")
        assert await reader.readline() == b"EHLO x\r\n"


@pytest.mark.parametrize(
    "begun", [b"", HELLO[:50], b"GET / HT"], ids=["nothing", "half a greeting", "half a request"]
)
async def test_a_tunnel_that_never_says_what_it_is_for_is_given_up(
    town: Town, of_the_web, monkeypatch, begun: bytes
):
    """Also where both sides wait for the other to speak first."""
    for name in ("FIRST_SECONDS", "OPENING_SECONDS"):
        monkeypatch.setattr(f"sandboxes.engine.egress.tunnel.{name}", 0.2)
    host = Listening()
    port = await of_the_web(host.serve)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    writer.write(begun)
    await rest(reader)
    assert host.got == b""
    assert await refused(town)


@given(st.binary(min_size=1, max_size=200))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_in_a_tunnel_of_the_web_never_reach_the_host(tmp_path_factory, data: bytes):
    async def run() -> bytes:
        town, host = Town(tmp_path_factory.getbasetemp()), Listening()
        port = await town.site("good.test", host.serve)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sandboxes.engine.egress.tunnel.WEB_PORTS", (port,))
            await town.open()
            _, reader, writer = await town.tunnel(f"good.test:{port}")
            writer.write(data)
            writer.write_eof()
            await rest(reader)
            await town.close()
        return host.got

    assert asyncio.run(run()) == b""


@pytest.mark.parametrize(
    "preface", [b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n", b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"]
)
def test_a_load_balancers_preface_hides_no_request(preface: bytes):
    assert kind_of(preface + b"GET / HTTP/1.1\r\n") is Opening.HTTP
    assert all(kind_of(preface[:at]) in (None, Opening.HTTP) for at in range(1, len(preface)))


async def test_a_websocket_goes_through_a_plain_tunnel(town: Town, of_the_web):
    async def upgraded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
        )
        await echo(reader, writer)

    port = await of_the_web(upgraded)
    _, reader, writer = await town.tunnel(f"good.test:{port}")
    head = f"GET / HTTP/1.1\r\nHost: good.test:{port}\r\nUpgrade: websocket\r\n"
    writer.write(head.encode() + b"Connection: Upgrade\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x81\x00")
        assert await reader.readexactly(2) == b"\x81\x00"


WORD = st.text("!#$%&'*+.^_`|~09AZaz-", min_size=1, max_size=10)


@given(
    st.text("\r\n", max_size=4), WORD, st.text(" \t", min_size=1, max_size=2),
    st.binary(max_size=30), st.sampled_from(["HTTP/1.1", "HTTP/1.0", "http/1.1", "HTTP/2.0"]),
    st.data(),
)  # fmt: skip
def test_whatever_may_be_a_request_is_read_as_one_however_it_is_cut(
    before: str, method: str, blank: str, path: bytes, version: str, data: Any
):
    line = path.replace(b"\n", b"").replace(b"\r", b"")
    wire = f"{before}{method}{blank}/".encode() + line + f" {version}\r\n".encode()
    assert kind_of(wire) is Opening.HTTP
    cut = data.draw(st.integers(1, len(wire) - 2))
    assert kind_of(wire[:cut]) in (None, Opening.HTTP)

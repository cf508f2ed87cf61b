"""The server inside the sandbox: raw HTTP on one port, WebSockets on another.

Runs with the sandbox's own Python and the standard library (and websockets, laid beside it).
Raw, because half of its answers are wrong on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

MIB = 1024 * 1024
SLOW = 7.0  # seconds; Daphne's own patience is five

# Answers every page in its scope by itself.
SERVICE_WORKER = b"""
self.oninstall = () => self.skipWaiting()
self.onactivate = event => event.waitUntil(self.clients.claim())
self.onfetch = event => event.respondWith(new Response("taken over"))
"""
go = asyncio.Event()
go_on = asyncio.Event()
begun: set[str] = set()
gone: set[str] = set()
notes: dict[str, dict[str, str]] = {}


async def read_request(
    reader: asyncio.StreamReader,
) -> tuple[str, str, list[tuple[str, str]], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = [tuple(line.split(": ", 1)) for line in lines]
    named = {name.lower(): value for name, value in headers}
    body = b""
    if "content-length" in named:
        body = await reader.readexactly(int(named["content-length"]))
    elif named.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return method, target, headers, body


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            await one(reader, writer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, EOFError):
        pass
    finally:
        writer.close()


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    method, target, headers, body = await read_request(reader)
    url = urlsplit(target)
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    match url.path:
        case "/page":
            writer.write(answer(body_of_page(), "Content-Type: text/html"))
        case "/worker.js":
            writer.write(answer(SERVICE_WORKER, "Content-Type: text/javascript"))
        case "/headers":
            body = asked.get("body", "ok").encode()
            writer.write(answer(body, *json.loads(asked["give"])))
        case "/note":  # what is asked here is kept, for whoever wants to know what arrived
            notes[asked["name"]] = {name.lower(): value for name, value in headers}
            writer.write(answer(b"noted", "Content-Type: text/html"))
        case "/noted":
            writer.write(answer(json.dumps(notes.get(asked["name"])).encode()))
        case "/many-headers":
            writer.write(answer(b"ok", "X-Large: " + "x" * int(asked["size"])))
        case "/redirect":
            writer.write(answer(b"", "Location: http://elsewhere/", status="302 Found"))
        case "/go":
            go.set()
            writer.write(answer(b"ok"))
        case "/go-on":
            go_on.set()
            writer.write(answer(b"ok"))
        case "/begun":
            writer.write(answer(json.dumps(sorted(begun)).encode()))
        case "/gone":
            writer.write(answer(json.dumps(sorted(gone)).encode()))
        case "/poured":
            writer.write(answer(str(poured).encode()))
        case "/events":
            go.clear()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
            writer.write(b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
            await go.wait()
            writer.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")
        case "/silent-start":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            go.clear()
            await go.wait()
            writer.write(b"0\r\n\r\n")
        case "/big":
            size = int(asked["size"])
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
            await pour(writer, size)
        case "/endless":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
            try:
                await pour(writer, 10**12, asked["name"])
            finally:
                gone.add(asked["name"])
        case "/too-short":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")
            await writer.drain()
            raise EOFError
        case "/broken-chunks":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            await writer.drain()
            raise EOFError
        case "/hang-up":
            raise EOFError
        case "/nonsense":
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        case "/hang":
            begun.add(asked["name"])
            try:
                await reader.read()
            finally:
                gone.add(asked["name"])
            raise EOFError
        case "/last":
            writer.write(answer(b"last"))
            await writer.drain()
            raise EOFError
        case _:
            said = {
                "method": method,
                "target": target,
                "headers": headers,
                "length": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
            writer.write(answer(json.dumps(said).encode(), "Content-Type: application/json"))


def body_of_page() -> bytes:
    return b"<!doctype html><title>Previewed</title><h1>Previewed</h1>"


poured = 0


async def pour(writer: asyncio.StreamWriter, size: int, name: str = "") -> None:
    global poured
    piece = b"x" * 65536
    while size > 0:
        writer.write(piece[:size])
        await writer.drain()
        poured += min(size, len(piece))
        size -= len(piece)


async def sockets(socket: ServerConnection) -> None:
    assert socket.request is not None
    url = urlsplit(socket.request.path)
    path, asked = url.path, {name: values[0] for name, values in parse_qs(url.query).items()}
    if path == "/close":
        await socket.close(4321, "enough")
    elif path == "/restarting":
        await socket.close(1012, "service restart")
    elif path == "/large":
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * int(asked["size"]))
        await socket.wait_closed()
        gone.add(f"large {socket.close_code}")
    elif path == "/count":
        async for message in socket:
            await socket.send(f"{len(message)} {hashlib.sha256(message).hexdigest()}")
    elif path == "/pieces":
        await socket.send(b"x" * 1000 for _ in range(3))
        await socket.wait_closed()
    elif path == "/late":
        # A frame of 10 MiB, of which the beginning comes now and the rest when told to.
        socket.transport.write(b"\x82\x7f" + (10 * MIB).to_bytes(8, "big") + bytes(MIB))
        go.clear()
        await go.wait()
        socket.transport.write(bytes(9 * MIB))
        await socket.wait_closed()
    elif path == "/bad-control":
        socket.transport.write(b"\x89\x7e\xff\xff" + bytes(100))
        await socket.wait_closed()
    elif path == "/deaf":
        socket.transport.pause_reading()
        begun.add(asked["name"])
        await go_on.wait()
        socket.transport.resume_reading()
        await socket.wait_closed()
    elif path == "/drop":
        socket.transport.abort()
    elif path == "/headers":
        await socket.send(json.dumps(list(socket.request.headers.raw_items())))
        await socket.wait_closed()
    else:
        try:
            async for message in socket:
                await socket.send(message)
        finally:
            gone.add(f"socket {socket.close_code}")


def choose(socket: ServerConnection, offered: list[str]) -> str | None:
    return "vite-hmr" if "vite-hmr" in offered else None


async def slowly(_: ServerConnection, request: Request) -> None:
    """Answer the opening of `/slow` after a time, as a server that is starting does."""
    if request.path == "/slow":
        await asyncio.sleep(SLOW)


async def main() -> None:
    http, ws = int(sys.argv[1]), int(sys.argv[2])
    servers = await asyncio.start_server(talk, "127.0.0.1", http)
    async with (
        servers,
        serve(
            sockets,
            "127.0.0.1",
            ws,
            subprotocols=["vite-hmr"],
            select_subprotocol=choose,
            max_size=None,
            process_request=slowly,
            # A pong waits behind the message that is under way, for minutes on a busy machine.
            ping_interval=None,
        ),
    ):
        print("listening", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

"""Servers inside the sandbox that speak TLS, each in a way of its own.

Runs with the sandbox's own Python and the standard library (and websockets, laid beside it).
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys

from websockets.asyncio.server import ServerConnection, serve

first_lines: list[str] = []


def answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
            body = await reader.readexactly(int(fields.get("content-length", 0)))
            said = {"headers": fields, "length": len(body), "secure": True}
            writer.write(answer(json.dumps(said).encode()))
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


class Either(asyncio.Protocol):
    """As nginx and Go: plain HTTP on the port gets an answer that says so."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.waiting = 0  # bytes that are read before the refusal

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        if data.startswith(b"POST /slow"):
            self.waiting = 1_000_000
        if self.waiting > 0:
            self.waiting -= len(data)
            if self.waiting > 0:
                return
        if data[:1] != b"\x16":
            said = b"Client sent an HTTP request to an HTTPS server.\n"
            self.transport.write(answer(said, "400 Bad Request"))
            self.transport.close()
            return
        reader = asyncio.StreamReader()
        inner = asyncio.StreamReaderProtocol(reader, talk)
        loop = asyncio.get_running_loop()
        secure = asyncio.sslproto.SSLProtocol(
            loop, inner, self.context, None, server_side=True, call_connection_made=True
        )
        self.transport.set_protocol(secure)
        secure.connection_made(self.transport)
        buffer = secure.get_buffer(len(data))
        buffer[: len(data)] = data
        secure.buffer_updated(len(data))


async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A plain server that notes what each connection began with, and refuses everything."""
    line = await reader.readline()
    first_lines.append(line.decode("latin-1"))
    if line.startswith(b"GET /noted"):
        writer.write(answer(json.dumps(first_lines).encode()))
    elif line.startswith(b"GET /refused"):
        writer.write(answer(b"DisallowedHost at https://localhost/", "400 Bad Request"))
    elif line.startswith(b"GET /crash"):
        pass
    else:
        writer.write(answer(b"plain"))
    await writer.drain()
    writer.close()


async def echo(socket: ServerConnection) -> None:
    assert socket.request is not None
    await socket.send(json.dumps(dict(socket.request.headers.raw_items())))
    async for message in socket:
        await socket.send(message)


async def main() -> None:
    closing, refusing, sockets, unencrypted = map(int, sys.argv[1:5])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    loop = asyncio.get_running_loop()
    await asyncio.start_server(talk, "127.0.0.1", closing, ssl=context)
    await loop.create_server(lambda: Either(context), "127.0.0.1", refusing)
    await asyncio.start_server(plain, "127.0.0.1", unencrypted)
    async with serve(echo, "127.0.0.1", sockets, ssl=context, max_size=None):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

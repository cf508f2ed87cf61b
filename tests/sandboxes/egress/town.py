"""A gateway in the test's loop, names that the test decides, and hosts to reach."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandboxes.engine.egress.addresses import AddressCheck
from sandboxes.engine.egress.authority import Authority, load_or_make
from sandboxes.engine.egress.dial import Dialler
from sandboxes.engine.egress.gateway import Gateway
from sandboxes.engine.egress.login import Login
from sandboxes.engine.egress.policy import parse
from sandboxes.engine.egress.registries import Registries, Registry
from sandboxes.engine.egress.resolver import Resolver

PATIENCE = 20.0


class Town:
    """The gateway, one sandbox's way to it, and servers of names below `.test`.

    `names` is what the resolver knows. Servers live on 127.0.0.0/8, which is opened as an
    operator may do for hosts that he names himself: `trust(pattern)`.
    """

    def __init__(self, directory: Path) -> None:
        key, certificate = load_or_make(directory)
        self.authority_pem = certificate.decode()
        self.names: dict[str, list[str]] = {}
        self.lookups: list[str] = []
        self.decisions: list[tuple[str, int, bool, str]] = []
        self.trusted: list[Registry] = []
        self.ingress = self.egress = 0
        self.site_authority = Authority(*load_or_make(directory / "outside"))
        outside = (directory / "outside" / "authority.crt").read_text()
        trust = ssl.create_default_context(cadata=outside)
        check = AddressCheck(["127.0.0.0/8"])
        self.gateway = Gateway(
            Authority(key, certificate),
            Dialler(Resolver(self._lookup), check, trust),
            self._report,
            self._moved,
        )
        self.gateway.set_registries(Registries())
        self.port = 0
        self._servers: list[asyncio.Server] = []

    def _lookup(self, name: str) -> list[str]:
        self.lookups.append(name)
        if name not in self.names:
            raise OSError("unknown")
        return self.names[name]

    def _report(self, name: str, decisions: list[dict[str, Any]]) -> None:
        for entry in decisions:
            self.decisions.append(
                (entry["host"], entry["port"], entry["allowed"], entry.get("reason", ""))
            )

    def _moved(self, name: str, ingress: int, egress: int) -> None:
        self.ingress += ingress
        self.egress += egress

    def trust(self, *patterns: str, logins: tuple[Login, ...] = ()) -> None:
        self.trusted += [Registry(p, "test", trusted=True, logins=logins) for p in patterns]
        self.gateway.set_registries(Registries(self.trusted))

    async def open(self, policy: Any = "registries", name: str = "box") -> int:
        """Let a sandbox out; the port stands for 3128 on its loopback."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        port: int = listener.getsockname()[1]
        await self.gateway.serve(name, listener, parse(policy))
        self.port = self.port or port
        return port

    async def site(
        self, name: str, handler: Callable[..., Any], *, tls: bool = False, address: str = ""
    ) -> int:
        """Serve `name` (trusted, on a port of its own) by a handler of streams."""
        context = self.site_authority.server_context(name) if tls else None
        server = await asyncio.start_server(handler, address or "127.0.0.1", 0, ssl=context)
        port: int = server.sockets[0].getsockname()[1]
        self._servers.append(server)
        self.names[name] = ["127.0.0.1"]
        self.trust(f"{name}:{port}")
        return port

    async def dial(self, port: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", port or self.port)

    async def ask(self, text: str, port: int = 0) -> str:
        """Send the head of a request and read all of the answer."""
        reader, writer = await self.dial(port)
        try:
            writer.write(text.replace("\n", "\r\n").encode())
            async with asyncio.timeout(PATIENCE):
                return (await reader.read()).decode("utf-8", "replace")
        finally:
            writer.close()

    async def tunnel(
        self, target: str, port: int = 0
    ) -> tuple[str, asyncio.StreamReader, asyncio.StreamWriter]:
        """Status line of a CONNECT, and the connection behind it."""
        reader, writer = await self.dial(port)
        writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            status = (await reader.readline()).decode().strip()
            while (await reader.readline()).strip():
                pass
        return status, reader, writer

    async def close(self) -> None:
        await self.gateway.close()
        for server in self._servers:
            server.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends everything back; closes at the end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def mirror(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """HTTP: answers each request with its own head and body; keeps the connection."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = 0
            for line in head.decode().split("\r\n"):
                if line.lower().startswith("content-length:"):
                    length = int(line.split(":")[1])
            body = await reader.readexactly(length)
            answer = head + body
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    writer.close()


def curl(*arguments: str, proxy: int, authority: Path, patience: float = 30) -> str:
    """Output of a real curl that goes through the proxy and trusts the authority alone."""
    command = ["curl", "-sS", "-x", f"http://127.0.0.1:{proxy}", "--cacert", str(authority)]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=patience, env={}
    )
    return done.stdout + done.stderr

"""A sandbox whose programs know no proxy, in a town of hosts."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from sandboxes.engine.egress.policy import parse
from sandboxes.engine.link import opening
from tests.sandboxes.egress.town import PATIENCE, Town
from tests.sandboxes.engine.boxes import Box

# Programs: say a text, and hear the answer; ask over TLS for what one name has, as another.
TALK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
    s.sendall(sys.argv[3].encode("latin-1")); s.shutdown(socket.SHUT_WR)
    said = b""
    while data := s.recv(65536): said += data
print(said.decode("latin-1"), end="")
"""
PAGE = "GET /page HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
SECURE = """
import http.client, socket, ssl, sys
context = ssl.create_default_context(cafile="trusted.pem")
name = sys.argv[3] if len(sys.argv) > 3 else sys.argv[1]
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
        with context.wrap_socket(s, server_hostname=name) as t:
            t.sendall(b"GET /page HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % name.encode())
            answer = http.client.HTTPResponse(t)
            answer.begin()
            print(answer.status, answer.read().decode())
except OSError as error:
    print(type(error).__name__, error)
"""


class Street:
    """`town` has the names, the hosts and the decisions, `box` the programs."""

    def __init__(self, town: Town, box: Box) -> None:
        self.town = town
        self.box = box

    async def open(self, policy: Any = "registries") -> None:
        listener = await asyncio.to_thread(self.box.agent.listen, 3128)
        await self.town.gateway.serve("box", listener, parse(policy))
        trusted = self.town.authority_pem + self.town.outside_pem
        (self.box.workspace / "trusted.pem").write_text(trusted)
        link = await asyncio.to_thread(opening.open_link, self.box.handle)
        await self.town.gateway.serve_link("box", link)

    async def run(self, *argv: str, **options: Any) -> tuple[int | None, str]:
        """Exit code, and all that it wrote."""
        options.setdefault("timeout", PATIENCE)
        ended, out, err = await asyncio.to_thread(self.box.run, *argv, **options)
        return ended.code, out + err

    async def python(self, script: str, *arguments: str) -> str:
        code, said = await self.run("python3", "-c", script, *arguments)
        assert code == 0, said
        return said.strip()

    def listening(self) -> set[int]:
        """Ports at the other end of the interface."""
        return self.town.gateway.outlets["box"].listening

    def refusals(self) -> list[tuple[str, int, str]]:
        return [(host, port, why) for host, port, yes, why in self.town.decisions if not yes]

    def allowed(self) -> list[tuple[str, int]]:
        return [(host, port) for host, port, yes, _ in self.town.decisions if yes]


def own_address() -> str:
    """Of this machine, as no sandbox has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but loopback, which every sandbox has too")
        return str(probe.getsockname()[0])

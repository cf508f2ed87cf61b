"""A sandbox whose programs know no proxy, in a town of hosts."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from sandboxes.engine.egress.policy import parse
from sandboxes.engine.link import ends, opening
from tests.sandboxes.egress.town import PATIENCE, Town
from tests.sandboxes.engine.boxes import Box


class Street:
    """`town` has the names, the hosts and the decisions, `box` the programs."""

    def __init__(self, town: Town, box: Box) -> None:
        self.town = town
        self.box = box
        self.sockets: list[socket.socket] = []

    async def open(self, policy: Any = "registries") -> None:
        listener = await asyncio.to_thread(self.box.agent.listen, 3128)
        await self.town.gateway.serve("box", listener, parse(policy))
        trusted = self.town.authority_pem + self.town.outside_pem
        (self.box.workspace / "trusted.pem").write_text(trusted)
        link = await asyncio.to_thread(opening.open_link, self.box.handle)
        self.close()
        self.sockets = [sock.dup() for sock in link[ends.FIXED :]]
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
        return {sock.getsockname()[1] for sock in self.sockets} - {0}

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()

    def refusals(self) -> list[tuple[str, int, str]]:
        return [(host, port, why) for host, port, yes, why in self.town.decisions if not yes]

    def allowed(self) -> list[tuple[str, int]]:
        return [(host, port) for host, port, yes, _ in self.town.decisions if yes]

"""The processes of the platform: their command lines, their gates, how they are stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from vibe.up import probe, valkey
from vibe.up.service import Ready, Service
from vibe.up.spawning import Program

NAMES = ("valkey", "web", "sandboxes", "chat")
# Advice that matters to servers with gigabytes of data, and a farewell that looks like an error.
VALKEY_NOISE = ("Memory overcommit must be enabled", "scheduling shutdown", "ready to exit")
# Clients that may wait to be taken in; the kernel cuts it to its own limit.
BACKLOG = 2048
# Daphne's own five seconds cut off a socket while a busy server in a sandbox, which has ten
# (sandboxes/preview/handshake.py), still makes up its mind.
SOCKETS = ("--websocket_connect_timeout", "30")
# Together below the 15 s within which everything must be gone.
STOP_ORDER = (("web",), ("sandboxes", "chat"))


@dataclass(frozen=True)
class Processes:
    """Builds the services of one platform.

    root: the checkout. host, port: where the web server listens. environment: added to that of
    every process.
    """

    root: Path
    host: str
    port: int
    environment: dict[str, str]

    def valkey(self, unix_socket: Path, directory: Path) -> Service:
        """Raises valkey.ValkeyMissing."""

        async def ready() -> bool:
            return await asyncio.to_thread(valkey.answers, unix_socket)

        argv = valkey.command(valkey.find_binary(), unix_socket, directory)
        return Service("valkey", self._program(argv), ready=ready, hidden=VALKEY_NOISE)

    def web(self) -> Service:
        async def ready() -> bool:
            return await probe.status(self.host, self.port, "/healthz") == 200

        # Its own options listen with a queue of 50, which resets the rest of a burst of clients.
        place = self.host.replace(":", r"\:")
        endpoint = f"tcp:port={self.port}:interface={place}:backlog={BACKLOG}"
        argv = [sys.executable, "-m", "daphne", "-e", endpoint]
        argv += ["-v", "0", "--no-server-name", "--application-close-timeout", "2"]
        argv += SOCKETS
        argv += ["vibe.asgi:application"]
        return Service("web", self._program(argv), ready=ready, ready_within=60)

    def worker(self, kind: str, ready: Ready) -> Service:
        """The worker process for jobs of `kind`: "sandboxes" or "chat"."""
        return Service(
            kind,
            self._program([sys.executable, str(self.root / "manage.py"), "worker", kind]),
            ready=ready,
            ready_within=60,
            # The first asks for a warm stop, the second one ends what still runs.
            stop=((signal.SIGTERM, 5.0), (signal.SIGTERM, 1.5)),
        )

    def preparation(self) -> Program:
        """What does the part of `up` that needs Django."""
        return self._program([sys.executable, "-m", "vibe.up.preparation_server"])

    def fork_server(self) -> Program:
        """What the Python programs are forked from."""
        return self._program([sys.executable, "-m", "vibe.up.fork_server"])

    def _program(self, argv: list[str]) -> Program:
        return Program(argv, self.environment, self.root)

"""The proxy's process: `python -m sandboxes.engine.egress.process DESCRIPTOR`.

A process of its own, so that no download takes time from the loop that reads the output of
commands, and so that what parses hostile input holds neither the database nor the platform's
secrets. It ends when the other end of its channel does.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import resource
import signal
import socket
import sys
from typing import Any

from .. import sockets
from .addresses import AddressCheck
from .authority import Authority
from .channel import Channel
from .dial import Dialler
from .gateway import Gateway
from .policy import PolicyError, parse
from .registries import Registries, Registry

PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38


class Process:
    """Does what the worker asks, and tells it what was decided."""

    def __init__(self, control: socket.socket) -> None:
        self.over = asyncio.Event()
        self.gateway: Gateway | None = None
        self.channel = Channel(control, self._received, self.over.set)
        self._tasks: set[asyncio.Task[None]] = set()

    def _received(self, message: dict[str, Any], fds: list[int]) -> None:
        task = asyncio.get_running_loop().create_task(self._obey(message, fds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _obey(self, message: dict[str, Any], fds: list[int]) -> None:
        reply: dict[str, Any] = {"id": message.get("id")}
        try:
            reply["result"] = await self._do(message, fds)
        except (PolicyError, OSError, KeyError, TypeError, ValueError) as error:
            logging.getLogger(__name__).exception("the proxy could not do %s", message.get("op"))
            reply["error"] = f"{type(error).__name__}: {error}"
        finally:
            sockets.close_all(fds)
        self.channel.send(reply)

    async def _do(self, message: dict[str, Any], fds: list[int]) -> Any:
        match message["op"]:
            case "begin":
                self._begin(message)
            case "ping":
                return len(self._begun.outlets)
            case "serve":
                listener = socket.socket(fileno=os.dup(fds[0]))
                await self._begun.serve(message["name"], listener, parse(message["policy"]))
            case "change":
                return await self._begun.change(message["name"], parse(message["policy"]))
            case "settle":
                self._begun.settle(message["name"])
            case "drop":
                await self._begun.drop(message["name"])
            case "registries":
                found = [Registry.from_json(entry) for entry in message["registries"]]
                self._begun.set_registries(Registries(found))
            case unknown:
                raise ValueError(f"There is no operation {unknown!r}.")
        return None

    @property
    def _begun(self) -> Gateway:
        assert self.gateway is not None, "begin comes first"
        return self.gateway

    def _begin(self, message: dict[str, Any]) -> None:
        authority = Authority(message["key"].encode(), message["certificate"].encode())
        dialler = Dialler(check=AddressCheck(message["opened"]))
        self.gateway = Gateway(authority, dialler, self._report, self._moved)
        _lay_down_rights(message["uid"])

    def _report(self, name: str, decisions: list[dict[str, Any]]) -> None:
        self.channel.send({"event": "decisions", "name": name, "decisions": decisions})

    def _moved(self, name: str, ingress: int, egress: int) -> None:
        self.channel.send({"event": "moved", "name": name, "bytes": [ingress, egress]})


def _lay_down_rights(uid: int | None) -> None:
    """From here on nothing that takes over this process is root, or becomes it."""
    "".encode("idna")  # what is imported late must be loaded while we may read it
    if uid is not None and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


async def serve(descriptor: int) -> None:
    process = Process(socket.socket(fileno=descriptor))
    await process.over.wait()
    if process.gateway is not None:
        await process.gateway.close()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for name in (signal.SIGINT, signal.SIGHUP):  # its worker says when it ends
        signal.signal(name, signal.SIG_IGN)
    asyncio.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()

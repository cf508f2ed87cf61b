"""The proxy as its worker has it: a child process that is started again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import subprocess
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import EngineError
from .channel import Channel
from .registries import Registries, Registry
from .served import Served
from .spawning import ProxySettings, spawn

logger = logging.getLogger(__name__)

CALL_SECONDS = 20.0
PING_SECONDS = 10.0
TOLD_SECONDS = 0.5  # the end of a command waits for it
BACK_OFF = (0.2, 1.0, 5.0, 15.0)

Decisions = Callable[[str, list[dict[str, Any]]], None]
Moved = Callable[[str, int, int], None]


class SupervisedProxy:
    """All methods belong to one loop. `decided(sandbox, decisions)` and `moved(sandbox, ingress,
    egress)`, of bytes that went between it and the outside, are called in it.

    The process starts when the first program asks to get out. This holds a copy of each sandbox's
    listening socket: when the process dies, the next one takes them over, and who connects
    meanwhile waits in the socket's queue.
    """

    def __init__(self, settings: ProxySettings, decided: Decisions, moved: Moved) -> None:
        self._settings = settings
        self._decided = decided
        self._moved = moved
        self._served: dict[str, Served] = {}
        self._registries: list[Registry] | None = None
        self._found = Registries()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._gone = asyncio.Event()
        self._guard: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def serve(
        self,
        name: str,
        listener: socket.socket,
        policy: dict[str, Any],
        link: Iterable[socket.socket] = (),
    ) -> None:
        """Let a sandbox out as its policy says. Takes over the sockets. Raises EngineError."""
        await self.drop(name)
        served = self._served[name] = Served(listener, policy, list(link))
        served.follow(self._found)
        if self._guard is None:
            for sock in served.first_calls():
                asyncio.get_running_loop().add_reader(sock, self._first_call)
        elif self._channel is not None:  # else the guard serves all of them at the restart
            await self._serve(name)

    async def change(self, name: str, policy: dict[str, Any]) -> int:
        """Put a policy into force now; returns how many connections that has ended."""
        if name not in self._served:
            return 0
        self._served[name].policy = policy
        if self._channel is None:
            self._served[name].follow(self._found)
            return 0
        return int(await self._call("change", name=name, policy=policy))

    async def told(self, name: str) -> None:
        """Returns once `decided` has heard of all that was decided for a sandbox before."""
        if self._channel is not None and name in self._served:
            with contextlib.suppress(EngineError, TimeoutError):
                async with asyncio.timeout(TOLD_SECONDS):
                    await self._call("tell", name=name)

    async def settle(self, name: str) -> None:
        """Have `moved` called with what has moved so far. Raises EngineError."""
        if name in self._served and self._channel is not None:
            await self._call("settle", name=name)

    async def drop(self, name: str) -> None:
        if served := self._served.pop(name, None):
            self._look_away(served)
            served.close()
            with contextlib.suppress(EngineError):
                await self._call("drop", name=name)

    async def set_registries(self, registries: Iterable[Registry]) -> None:
        self._registries = list(registries)
        self._found = Registries(self._registries)
        if self._channel is not None:
            await self._send_registries()
            return
        for served in self._served.values():
            served.follow(self._found)

    def serves(self, name: str) -> bool:
        return name in self._served

    async def close(self) -> None:
        if self._guard is not None:
            self._guard.cancel()
            await asyncio.gather(self._guard, return_exceptions=True)
        await self._end_process()
        for served in self._served.values():
            self._look_away(served)
            served.close()
        self._served.clear()

    def _first_call(self) -> None:
        """A program wants out: from here on there is a process, which accepts by itself."""
        for served in self._served.values():
            self._look_away(served)
        if self._guard is None:
            self._guard = asyncio.create_task(self._watch(), name="proxy guard")

    def _look_away(self, served: Served) -> None:
        for sock in served.first_calls():
            asyncio.get_running_loop().remove_reader(sock)

    async def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        loop = asyncio.get_running_loop()
        with theirs:
            self._process = await loop.run_in_executor(None, spawn, theirs.fileno())
        self._gone.clear()
        self._channel = Channel(ours, self._received, self._hung_up)
        await self._call("begin", **self._settings.told())
        if self._registries is not None:
            await self._send_registries()

    async def _watch(self) -> None:
        """Start it again when it has died, or does not answer any more."""
        failures = 0
        await self._start_all()
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._gone.wait()
            except TimeoutError:
                with contextlib.suppress(EngineError):
                    await self._call("ping")
                    failures = 0
                    continue
            logger.error("the network proxy of the sandboxes has died; it is started again")
            await self._end_process()
            for served in self._served.values():
                served.follow(self._found)  # what it had opened is gone with it
            await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
            failures += 1
            await self._start_all()

    async def _start_all(self) -> None:
        try:
            await self._start()
            for name in list(self._served):
                await self._serve(name)
        except (EngineError, OSError):
            logger.exception("the network proxy does not start")
            self._gone.set()

    async def _serve(self, name: str) -> None:
        served = self._served[name]
        await self._call("serve", [served.listener.fileno()], name=name, policy=served.policy)
        if served.link:
            await self._call("link", [sock.fileno() for sock in served.link], name=name)

    async def _send_registries(self) -> None:
        found = [registry.as_json() for registry in self._registries or []]
        await self._call("registries", registries=found)

    async def _call(self, op: str, fds: list[int] | None = None, **values: Any) -> Any:
        if self._channel is None:
            raise EngineError("The network proxy does not run.")
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        try:
            self._channel.send({"id": number, "op": op, **values}, fds)
            async with asyncio.timeout(CALL_SECONDS):
                return await answer
        except TimeoutError:
            raise EngineError("The network proxy does not answer.") from None
        finally:
            self._calls.pop(number, None)

    def _received(self, message: dict[str, Any], _: list[int]) -> None:
        if message.get("event") == "decisions":
            self._decided(message["name"], message["decisions"])
            return
        if message.get("event") == "moved":
            self._moved(message["name"], *message["bytes"])
            return
        answer = self._calls.get(message.get("id", 0))
        if answer is None or answer.done():
            return
        if error := message.get("error"):
            answer.set_exception(EngineError(f"The network proxy refused: {error}"))
        else:
            answer.set_result(message.get("result"))

    def _hung_up(self) -> None:
        self._channel = None
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(EngineError("The network proxy has ended."))
        self._gone.set()

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if self._channel is not None:
            self._channel.close()
        if process is None:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, process.wait, 3.0)
        except subprocess.TimeoutExpired:
            process.kill()
            await loop.run_in_executor(None, process.wait)

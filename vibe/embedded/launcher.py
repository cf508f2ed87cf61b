"""`up`: brings the platform up behind health gates, keeps it up, takes it down in order.

Reads the settings, and loads the apps only while Redis and the web process start already: on a
small machine that is a third of the time until everything is ready.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from django.conf import settings

from vibe.embedded import probe, valkey
from vibe.embedded.address import base_url
from vibe.embedded.browser import open_browser
from vibe.embedded.console import Console
from vibe.embedded.instance import CannotStart, InstanceLock, check_port, wait_until_gone
from vibe.embedded.processes import NAMES, STOP_ORDER, Processes
from vibe.embedded.service import Ready, StartFailed
from vibe.embedded.supervisor import Supervisor
from vibe.loopback import is_loopback

# A platform that was killed takes this long (seconds) to let go of its port and its database.
LINGER = 15.0
STOP_SANDBOXES_WITHIN = 3.0
READY_WITHIN = 30.0


class Launcher:
    """One run of `up` on `host`:`port`; `run` raises CannotStart when something cannot start."""

    def __init__(self, host: str, port: int, browser: bool, console: Console | None = None) -> None:
        self.host = host
        self.port = port
        self.browser = browser
        own_url = os.environ.get("VIBE_URL", "").strip()
        self.url = own_url.rstrip("/") or base_url(host, port)
        self.console = console or Console(NAMES)
        self.supervisor = Supervisor(self.console.line)
        self.processes = Processes(settings.BASE_DIR, host, port, self._environment())
        self.preparation: ModuleType | None = None

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP."""
        lock = InstanceLock(settings.DATA_DIR)
        lock.acquire(f"{self.url}/")
        try:
            check_port(self.host, self.port, patience=LINGER if lock.left_behind else 0.0)
            asyncio.run(self._run())
        finally:
            lock.release()

    def _environment(self) -> dict[str, str]:
        """What every process must know that was decided on the command line."""
        return {
            "VIBE_HOST": self.host,
            "VIBE_PORT": str(self.port),
            "VIBE_URL": self.url,
            "VIBE_DATA_DIR": str(settings.DATA_DIR),
            "VIBE_BOOTSTRAP": "0",  # these packages are the ones that `up` runs on
            "PYTHONUNBUFFERED": "1",
        }

    async def _run(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await stopping
        except StartFailed as failed:
            raise CannotStart(_explain(failed)) from None
        finally:
            starting.cancel()
            stopping.cancel()
            await self._stop()

    async def _start(self) -> None:
        self.console.say("Starting Vibe")
        await self._start_redis()
        # The web process asks the database nothing before its first request; the workers do.
        await asyncio.gather(self.supervisor.start(self.processes.web()), self._start_workers())
        await self._until_ready()
        self.console.say(f"Vibe is ready: {self.url}/")
        await self.supervisor.start(self.processes.scheduler())
        await self._invite()

    async def _start_workers(self) -> None:
        self.preparation = preparation = await _in_thread(_load_preparation)
        await _in_thread(preparation.check_redis)
        await _in_thread(preparation.migrate, self.console.say)
        for sentence in await _in_thread(preparation.isolation, self.host):
            self.console.say(sentence)
        await _in_thread(preparation.forget_heartbeats)

        def heartbeat(kind: str) -> Ready:
            async def ready() -> bool:
                return bool(await _in_thread(preparation.worker_is_alive, kind))

            return ready

        await self.supervisor.start(
            self.processes.worker("sandboxes", heartbeat("sandboxes")),
            self.processes.worker("chat", heartbeat("chat")),
        )

    async def _invite(self) -> None:
        assert self.preparation is not None
        link = await _in_thread(self.preparation.first_link, self.url)
        if link:
            self.console.say(f"Sign in: {link}")
        if not is_loopback(self.host) and not os.environ.get("VIBE_URL"):
            self.console.say(
                "Other machines reach it once VIBE_URL holds the address that they use."
            )
        if self.browser:
            open_browser(link or f"{self.url}/")

    async def _start_redis(self) -> None:
        unix_socket = settings.REDIS_SOCKET
        if unix_socket is None:
            return  # an external one, looked at before the workers start
        # Two servers must never write one append-only file.
        alone = await _in_thread(wait_until_gone, lambda: valkey.answers(unix_socket), LINGER)
        if not alone:
            raise CannotStart(
                f"Another Redis server still answers on {unix_socket}. "
                "Stop it, or set REDIS_URL to use it."
            )
        try:
            service = self.processes.valkey(unix_socket, settings.DATA_DIR / "redis")
        except (valkey.ValkeyMissing, ValueError, OSError) as error:
            raise CannotStart(str(error)) from None
        await self.supervisor.start(service)

    async def _until_ready(self) -> None:
        async with asyncio.timeout(READY_WITHIN):
            while await probe.status(self.host, self.port, "/readyz") != 200:
                await asyncio.sleep(0.1)

    async def _stop(self) -> None:
        if self.supervisor.children:
            self.console.say("Stopping Vibe")
        await self.supervisor.stop_in_order(STOP_ORDER)
        started_any = "sandboxes" in self.supervisor.children
        if self.preparation and started_any and not self.preparation.keeps_sandboxes():
            try:
                async with asyncio.timeout(STOP_SANDBOXES_WITHIN):
                    await _in_thread(self.preparation.stop_sandboxes)
            except Exception as error:
                self.console.say(f"Some sandboxes could not be stopped: {error}")
        await self.supervisor.stop("valkey")


def _load_preparation() -> ModuleType:
    import django

    django.setup()
    from vibe.embedded import preparation

    return preparation


def _explain(failed: StartFailed) -> str:
    lines = "\n".join(f"    {line}" for line in failed.tail)
    said = f" It wrote last:\n{lines}" if lines else ""
    return (
        f"Vibe cannot start: {failed.name} {failed.why}.{said}\n"
        "Run python3 manage.py doctor to see what is missing."
    )


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run blocking code in a thread that cannot hold up the end of this process."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Any] = loop.create_future()

    def settle(setter: Callable[[Any], None], value: Any) -> None:
        if not outcome.done():
            setter(value)

    def work() -> None:
        try:
            result = function(*arguments)
        except BaseException as error:
            loop.call_soon_threadsafe(settle, outcome.set_exception, error)
        else:
            loop.call_soon_threadsafe(settle, outcome.set_result, result)

    threading.Thread(target=work, daemon=True).start()
    return await outcome

"""`up`: brings the platform up behind health gates, keeps it up, takes it down in order.

Lives as long as the platform and does next to nothing, so it never loads Django: what needs that
is done by a process that ends (`preparation_client`). That one, the web process and the workers
are forks of a process that has loaded what they share (`fork_client`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from vibe import settings
from vibe.addresses import base_url, for_programs
from vibe.loopback import is_loopback
from vibe.up import probe, valkey
from vibe.up.browser import open_browser
from vibe.up.console import Console
from vibe.up.fork_client import ForkClient
from vibe.up.instance import CannotStart, InstanceLock, check_port, wait_until_gone
from vibe.up.preparation_client import PreparationClient
from vibe.up.process_supervisor import ProcessSupervisor
from vibe.up.processes import NAMES, STOP_ORDER, Processes
from vibe.up.reload import Reload, check_watching
from vibe.up.service import Ready, StartFailed
from vibe.up.spawning import Spawn, execute

# A platform that was killed takes this long (seconds) to let go of its port and its database.
LINGER = 15.0
STOP_SANDBOXES_WITHIN = 3.0
READY_WITHIN = 30.0


def run(host: str, port: int, *, browser: bool, reload: bool) -> None:
    """Run the platform until it is told to stop; exits with status 1 and why it cannot start."""
    try:
        Launcher(host, port, browser, reload).run()
    except CannotStart as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return


class Launcher:
    """One run of `up` on `host`:`port`; `run` raises CannotStart when something cannot start."""

    def __init__(self, host: str, port: int, browser: bool, reload: bool = False) -> None:
        self.host = host
        self.port = port
        self.browser = browser
        own_url = os.environ.get("VIBE_URL", "").strip()
        self.url = own_url.rstrip("/") or base_url(host, port)
        self.console = Console(NAMES)
        self.reload = reload
        self.processes = Processes(settings.BASE_DIR, host, port, self._environment())
        self.forks = ForkClient(self.processes.fork_server())
        # What is started anew after a change has to load it.
        spawn: Spawn = execute if reload else self.forks
        self.supervisor = ProcessSupervisor(self.console.line, spawn)
        self.preparation = PreparationClient(self.processes.preparation(), self._say_clean, spawn)
        self.reloading: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP."""
        if self.reload:
            check_watching()
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
            "VIBE_RELOAD": "1" if self.reload else "0",
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
        if not self.reload:
            await self.forks.start()
        await self._start_redis()
        # The web process asks the database nothing before its first request; the workers do.
        parts = [
            asyncio.create_task(self.supervisor.start(self.processes.web())),
            asyncio.create_task(self._start_workers()),
        ]
        try:
            await asyncio.gather(*parts)
        finally:
            for part in parts:  # when one has failed, the other must start nothing more
                part.cancel()
        await self._until_ready()
        # By number: programs find that, and browsers are led to the name.
        self.console.say(f"Vibe is ready: {for_programs(self.url)}/")
        await self._invite()
        if self.reload:
            watcher = Reload(
                settings.BASE_DIR, self.supervisor, self.processes,
                settings.RELOAD_FILE, self._migrate,
            )  # fmt: skip
            self.reloading = asyncio.create_task(watcher.run())

    async def _start_workers(self) -> None:
        await self.preparation.start()
        call = self.preparation.call
        await call("check_redis")
        await call("migrate")
        for sentence in await call("isolation", self.host):
            self.console.say(sentence)
        await call("forget_heartbeats")

        def heartbeat(kind: str) -> Ready:
            async def ready() -> bool:
                return bool(await call("worker_is_alive", kind))

            return ready

        await self.supervisor.start(
            self.processes.worker("sandboxes", heartbeat("sandboxes")),
            self.processes.worker("chat", heartbeat("chat")),
        )

    async def _migrate(self) -> None:
        await self.preparation.start()
        try:
            await self.preparation.call("migrate")
        except CannotStart as error:
            self.console.say(str(error))
        finally:
            await self.preparation.stop()

    async def _invite(self) -> None:
        link = await self.preparation.call("first_link", self.url)
        await self.preparation.stop()
        if link:
            self.console.say(f"Sign in: {for_programs(link)}")
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
        alone = await wait_until_gone(lambda: valkey.answers(unix_socket), LINGER)
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
        if self.reloading is not None:
            self.reloading.cancel()
        # It may be in the middle of something that nobody waits for any more.
        await self.preparation.stop()
        started_any = "sandboxes" in self.supervisor.children
        if started_any and not settings.KEEP_SANDBOXES:
            await self.preparation.start()
        await self.supervisor.stop_in_order(STOP_ORDER)
        if started_any and not settings.KEEP_SANDBOXES:
            await self._stop_sandboxes()
        await self.supervisor.stop("valkey")
        await self.forks.stop()

    async def _stop_sandboxes(self) -> None:
        try:
            async with asyncio.timeout(STOP_SANDBOXES_WITHIN):
                await self.preparation.call("stop_sandboxes")
        except (CannotStart, TimeoutError) as error:
            self.console.say(f"Some sandboxes could not be stopped: {error or 'it took too long'}")
        finally:
            await self.preparation.stop()

    def _say_clean(self, text: str) -> None:
        self.console.say(self.console.clean(text))


def _explain(failed: StartFailed) -> str:
    lines = "\n".join(f"    {line}" for line in failed.tail)
    said = f" It wrote last:\n{lines}" if lines else ""
    return (
        f"Vibe cannot start: {failed.name} {failed.why}.{said}\n"
        "Run python3 manage.py doctor to see what is missing."
    )

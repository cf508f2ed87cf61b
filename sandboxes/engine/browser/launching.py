"""One browser: started in a sandbox of its own, led to an app, closed."""

from __future__ import annotations

import asyncio
import logging
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import limits
from ..client import AgentClient
from ..errors import EngineError
from ..input import InputLine
from ..interface import Engine
from ..spec import ExecSpec, Limits, Mount, SandboxHandle, SandboxSpec
from . import program
from .reach import Reach
from .wire import BrowserGone, Refused, Wire

logger = logging.getLogger(__name__)

# It lives so long after the last sign of life of whoever has started it.
LEASE_SECONDS = 90.0
START_SECONDS = 60.0
COMMAND = "browser"
# A page of a framework's development server takes 300 MB with the browser around it.
LIMITS = Limits(
    memory_bytes=1 << 30, processes=400, cpus=1.0, file_bytes=256 << 20, shm_bytes=32 << 20
)
INSIDE = "/opt/browser"


class Browser:
    """Belongs to one event loop."""

    def __init__(self, engine: Engine, spec: SandboxSpec, handle: SandboxHandle) -> None:
        self._engine = engine
        self._root = spec.root
        self.handle = handle
        self.agent: AgentClient = engine.agent(handle)
        self.wire: Wire
        self.user_agent = ""
        # A page that somebody goes on with, of pages.Page.
        self.kept: Any = None
        self._reaches: dict[int, Reach] = {}

    @classmethod
    async def start(cls, engine: Engine, spec: SandboxSpec, path: Path) -> Browser:
        """Start `path`, a Chromium, in the sandbox of `spec`, whose limits, lifetime and mounts
        are set here. Raises EngineError."""
        where, mounts = _inside(path)
        spec = replace(spec, limits=LIMITS, timeout=LEASE_SECONDS, mounts=mounts)
        handle = await asyncio.to_thread(engine.start, spec)
        browser = cls(engine, spec, handle)
        # Beside a busy platform it would take a minute to start; its share of the processors has
        # an end anyway.
        limits.step_forward(handle.cgroup)
        try:
            await browser._begin(where)
        except BaseException:
            await asyncio.shield(browser.close())
            raise
        return browser

    async def _begin(self, where: str) -> None:
        spec = ExecSpec(COMMAND, program.command(where), cwd="/tmp", stdin=True)  # noqa: S108 - its own
        command = await asyncio.to_thread(self.agent.exec, spec)
        line = InputLine(self.agent.path, COMMAND)
        self.wire = Wire(command, line)
        try:
            told = await self.wire.call("Browser.getVersion", timeout=START_SECONDS)
            await self.wire.call("Target.setDiscoverTargets", {"discover": True})
        except (TimeoutError, Refused) as error:
            raise BrowserGone(f"The browser does not start. {error}".strip()) from error
        # As people have it: a page is to show the check what it shows them.
        self.user_agent = str(told.get("userAgent"))[:300].replace("HeadlessChrome", "Chrome")

    async def lead_to(self, app: AgentClient, port: int) -> None:
        """From here on its own port `port` is that of the app, and there is no other."""
        for other in [known for known in self._reaches if known != port]:
            await self._reaches.pop(other).close()
        if port not in self._reaches:
            listener = await asyncio.to_thread(self.agent.listen, port)
            self._reaches[port] = Reach(listener, app, port)

    async def renew(self) -> None:
        """Let it live on for LEASE_SECONDS. Raises EngineError when it does not answer."""
        await asyncio.to_thread(self.agent.set_deadline, LEASE_SECONDS)

    @property
    def is_gone(self) -> bool:
        return bool(self.wire.gone)

    async def call(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return await self.wire.call(method, params)

    async def close(self) -> None:
        """End it with its sandbox and all files of it."""
        for reach in self._reaches.values():
            await reach.close()
        self._reaches = {}
        if hasattr(self, "wire"):
            self.wire.close()
        try:
            await asyncio.to_thread(self._engine.kill, self.handle)
        except EngineError as error:
            logger.warning("a browser does not end: %s", error)
        await asyncio.to_thread(shutil.rmtree, self._root, ignore_errors=True)


def _inside(path: Path) -> tuple[str, tuple[Mount, ...]]:
    """Where a sandbox sees the program, and what has to be mounted for that: it sees /usr."""
    with suppress(ValueError):
        path.relative_to("/usr")
        return str(path), ()
    return f"{INSIDE}/{path.name}", (Mount(path.parent, INSIDE, read_only=True),)

"""Carries out visits, in an event loop of their own: what pages send is long, and the loop that
carries output is not to wait for it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

from sandboxes.engine import EngineError
from sandboxes.engine.browser import act, portray, visit
from sandboxes.host import handles
from sandboxes.models import PageVisit
from sandboxes.node.browsing.pool import Pool
from sandboxes.services import page_visits
from vibe.data.database import in_thread

CLOSE_SECONDS = 5.0


class Visits:
    """A thread with an event loop, from the first visit until close()."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: Pool
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, visit_id: str) -> Future[None]:
        """Carry out a visit; nobody has to wait in a thread for its end."""
        return asyncio.run_coroutine_threadsafe(self._visit(visit_id), self._running())

    def close(self) -> None:
        """End what is under way, and every browser."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._pool.close(), loop).result(CLOSE_SECONDS * 2)
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(CLOSE_SECONDS)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                ready = threading.Event()
                loop = self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._main, args=(loop, ready), name="browsers", daemon=True
                )
                self._thread.start()
                ready.wait()
            return self._loop

    def _main(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        asyncio.set_event_loop(loop)

        async def prepare() -> None:
            self._pool = Pool()

        loop.run_until_complete(prepare())
        ready.set()
        loop.run_forever()

    async def _visit(self, visit_id: str) -> None:
        row = await in_thread(page_visits.claim, visit_id)
        if row is None:
            return
        told: dict[str, Any]
        try:
            told = await self._carried_out(row)
        except EngineError as error:
            told = {"error": f"{error} {error.hint}".strip()}
        except asyncio.CancelledError:
            told = {"error": "The platform was stopped meanwhile."}
        except Exception as error:
            await in_thread(page_visits.settle, visit_id, error=f"It broke off: {error}")
            raise
        await in_thread(lambda: page_visits.settle(visit_id, **told))

    async def _carried_out(self, row: PageVisit) -> dict[str, Any]:
        session = row.sandbox.session
        handle = handles.handle_of(session) if session is not None else None
        if handle is None:
            return {"error": "The sandbox does not run any more."}
        async with self._pool.browser(row.sandbox_id) as browser:
            way = act if row.plan.get("act") else portray if row.plan.get("portray") else visit
            found = await way(browser, handles.agent_of(handle), row.port, row.plan, row.seconds)
        return {"result": found.told(), "pictures": found.pictures, "error": found.broken}

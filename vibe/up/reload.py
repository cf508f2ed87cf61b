"""`up --reload`: starts anew what a saved file concerns, and has open pages reload themselves.

Sandboxes and their commands do not notice: they outlive the processes that are started anew, as
they would outlive a crash.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from vibe.up.changes import CODE, PAGES, Changes, is_watched, weigh
from vibe.up.instance import CannotStart
from vibe.up.process_supervisor import ProcessSupervisor
from vibe.up.processes import Processes

NAME = "reload"
POLL = 0.05
# Nobody waits for the web server's farewell to its clients: they come back by themselves.
WEB_STOP = ((signal.SIGTERM, 0.5),)


def check_watching() -> None:
    """Raise CannotStart where the library that watches files is missing."""
    try:
        import watchfiles  # noqa: F401 - only for work on Vibe itself, so it may be missing
    except ImportError:
        raise CannotStart(
            "up --reload needs the package watchfiles, which is not installed. "
            "Run python3 manage.py up --reload without VIBE_BOOTSTRAP=0, or install "
            "requirements-dev.lock."
        ) from None


class Reload:
    """Watches the platform's own files below `root`.

    version_file: tells pages what they were made of. migrate: brings the database up to date.
    """

    def __init__(
        self,
        root: Path,
        supervisor: ProcessSupervisor,
        processes: Processes,
        version_file: Path,
        migrate: Callable[[], Awaitable[None]],
    ) -> None:
        self.root = root
        self.supervisor = supervisor
        self.processes = processes
        self.version_file = version_file
        self.migrate = migrate
        self._waiting: set[str] = set()  # services that wait until every file can be read
        self._broken: set[Path] = set()
        self._announcing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        self._tell_pages()
        try:
            watching = False
            async for paths in _watch([self.root / name for name in (*CODE, *PAGES)]):
                if not watching:
                    watching = True
                    self._say(f"watching {', '.join((*CODE, *PAGES))}")
                if paths:
                    await self._apply(weigh(self.root, paths | self._broken), paths)
        except OSError as error:
            self._say(f"files cannot be watched any more: {error}")
        finally:
            if self._announcing is not None:
                self._announcing.cancel()

    async def _apply(self, changes: Changes, paths: set[Path]) -> None:
        self._waiting |= changes.services
        if changes.errors:
            self._broken |= {path for path in paths if path.suffix == ".py"}
            for error in changes.errors:
                self._say(error)
            self._say("what ran before goes on; the next save is tried")
            return
        self._broken.clear()
        if changes.up:
            self._say("`up` itself has changed: start it again to see that")
        if self._announcing is not None:
            self._announcing.cancel()
        services, self._waiting = sorted(self._waiting), set()
        if services:
            if changes.migrations:
                await self.migrate()
            shown = ", ".join(changes.files[:3]) + (" …" if len(changes.files) > 3 else "")
            self._say(f"{shown} changed: starting {', '.join(services)} again")
            await asyncio.gather(*(self._restart(name) for name in services))
        self._announcing = asyncio.create_task(self._announce())

    async def _restart(self, name: str) -> None:
        if child := self.supervisor.children.get(name):
            await child.restart(WEB_STOP if name == "web" else child.service.stop)

    async def _announce(self) -> None:
        """Have the pages reload once the web process is there again."""
        ready = self.processes.web().ready
        while ready is not None and not await ready():
            await asyncio.sleep(POLL)
        self._tell_pages()

    def _tell_pages(self) -> None:
        self.version_file.write_text(str(time.time_ns()), encoding="ascii")

    def _say(self, text: str) -> None:
        self.supervisor.on_line(NAME, text)


async def _watch(directories: list[Path]) -> AsyncIterator[set[Path]]:
    """The files that have changed since, each time that some have; none at times, to say that
    it watches."""
    from watchfiles import awatch

    def wanted(_: object, path: str) -> bool:
        return is_watched(Path(path))

    async for changed in awatch(
        *directories, watch_filter=wanted, rust_timeout=1000, yield_on_timeout=True
    ):
        yield {Path(path) for _, path in changed}

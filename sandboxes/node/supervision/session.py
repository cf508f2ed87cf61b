"""One running sandbox as its worker watches it: it must not end unnoticed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from sandboxes.engine import SandboxHandle


class SessionWatch:
    """Calls `on_end` once, when the sandbox's first process is gone."""

    def __init__(
        self,
        session_id: str,
        sandbox_id: str,
        handle: SandboxHandle,
        on_end: Callable[[str], None],
    ) -> None:
        self.session_id = session_id
        self.sandbox_id = sandbox_id
        self.handle = handle
        self._on_end = on_end
        self._descriptor: int | None = None

    def start(self) -> None:
        """Must run in the event loop's thread."""
        try:
            self._descriptor = os.pidfd_open(self.handle.pid)
        except ProcessLookupError:
            self._on_end(self.session_id)
            return
        asyncio.get_running_loop().add_reader(self._descriptor, self._ended)

    def _ended(self) -> None:
        self.close()
        self._on_end(self.session_id)

    def close(self) -> None:
        if self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

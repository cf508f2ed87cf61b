"""File requests run in a forked child, so that a FIFO or a huge tree cannot hang the agent."""

from __future__ import annotations

import os
import time

from .bare import signal
from .refusal import Refused
from .settings import Settings
from .spawn import apply_rlimits, default_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_WORKERS = 32
MAX_SECONDS = 3600.0


class FileWorkers:
    """The forked children that serve file requests: when each must be done, by pid."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.deadlines: dict[int, float] = {}

    def start(self, stream: int, timeout: float) -> int:
        """Serve one request that comes over `stream` (a stream socket) in a child; its pid."""
        if len(self.deadlines) >= MAX_WORKERS:
            raise Refused("limit", "Too many file operations at once in this sandbox.")
        serve = server()  # before the fork, for all that follow
        try:
            pid = os.fork()
        except OSError as error:
            raise Refused("limit", f"The file operation could not be started: {error.strerror}.")
        if pid == 0:
            self._serve(stream, serve)
        self.deadlines[pid] = time.monotonic() + min(max(timeout, 0.1), MAX_SECONDS)
        return pid

    def reaped(self, pid: int) -> None:
        self.deadlines.pop(pid, None)

    def enforce(self, now: float) -> None:
        for pid, deadline in self.deadlines.items():
            if now >= deadline:
                os.kill(pid, signal.SIGKILL)  # ours and not yet waited for: it exists
                self.deadlines[pid] = float("inf")

    def next_deadline(self) -> float:
        return min(self.deadlines.values(), default=float("inf"))

    def _serve(self, stream: int, serve: Callable[[Settings], None]) -> None:
        """In the child; never returns."""
        try:
            default_signals()
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is an error, not death
            os.dup2(stream, 3, inheritable=False)
            os.closerange(4, 1 << 16)
            apply_rlimits(self.settings.rlimits)
            os.umask(0o022)
            os.chdir(self.settings.workspace)
            serve(self.settings)
        finally:
            os._exit(0)


def server() -> Callable[[Settings], None]:
    """What serves a request. Imported with the first: a sandbox starts sooner without."""
    import socket

    from .files import serve
    from .reach import place_of

    def serve_stream(settings: Settings) -> None:
        with socket.socket(fileno=3) as sock:
            sock.setblocking(True)
            serve(sock, lambda request: place_of(settings, request))

    return serve_stream

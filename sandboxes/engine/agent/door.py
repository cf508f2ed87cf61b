"""A listening socket in the agent's loop that pauses when it cannot let anybody in."""

from __future__ import annotations

import time

from .bare import accept, socket
from .ready import READ, Ready

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.2  # seconds; who waits outside would keep the loop busy all that time


class Door:
    def __init__(
        self,
        listener: socket.socket,
        ready: Ready,
        welcome: Callable[[socket.socket], None],
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        """`welcome` gets each connection, unless `is_full` says that there are enough."""
        listener.setblocking(False)
        self.next = float("inf")  # monotonic, when it opens again
        self._listener = listener
        self._ready = ready
        self._welcome = welcome
        self._is_full = is_full
        ready.register(listener, READ, self._accept)

    def enforce(self, now: float) -> None:
        """Open again when the pause is over."""
        if now >= self.next:
            self.next = float("inf")
            self._ready.register(self._listener, READ, self._accept)

    def _accept(self) -> None:
        if self._is_full():
            self._close()
            return
        try:
            self._welcome(accept(self._listener))
        except BlockingIOError:
            return
        except OSError:  # no descriptor or no memory left
            self._close()

    def _close(self) -> None:
        self._ready.unregister(self._listener)
        self.next = time.monotonic() + PAUSE

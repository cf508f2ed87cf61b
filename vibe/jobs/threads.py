"""Threads that take one piece of work after another, as many as there is work at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from django.db import close_old_connections, connection, connections

Work = Callable[[], None]

# So many wait for more work, each with its database connection: a new thread with a new connection
# takes longer than most queries (4 ms of the 45 in which a sandbox is there).
IDLE = 8


class Threads:
    """Unlike a ThreadPoolExecutor it has no limit, and a process need not wait for it to end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._idle = 0
        self._closed = False

    def start(self, name: str, work: Work) -> None:
        """Begin `work` at once in a thread of that name; what it raises ends the thread."""

        def named() -> None:
            threading.current_thread().name = name
            work()

        with self._lock:
            if self._idle:
                self._idle -= 1
                self._waiting.put(named)
                return
        threading.Thread(target=self._serve, args=(named,), daemon=True).start()

    def close(self) -> None:
        """Let those end that are idle, and the others when their work is done."""
        with self._lock:
            self._closed = True
            for _ in range(self._idle):
                self._waiting.put(None)
            self._idle = 0

    def _serve(self, first: Work) -> None:
        work: Work | None = first
        while work is not None:
            if connection.vendor != "sqlite":
                close_old_connections()
            work()
            with self._lock:
                if self._closed or self._idle >= IDLE:
                    break
                self._idle += 1
            threading.current_thread().name = "idle"
            work = self._waiting.get()
        connections.close_all()

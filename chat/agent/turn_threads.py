"""The threads of one turn, in which services are called."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

# Seconds for the threads to come together at the end; who comes late is left to the collector.
TOGETHER_WITHIN = 5.0


class TurnThreads(ThreadPoolExecutor):
    """Give their database connections back at the end: a thread that only ends keeps its own until
    the collector finds it, and a server has no more than a hundred."""

    def __init__(self) -> None:
        super().__init__(thread_name_prefix="turn")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._threads and not self._shutdown:  # a loop asks for it twice
            # A thread that has yet to say that it is idle would be given a newcomer's help, and one
            # of these with it.
            self._max_workers = len(self._threads)
            together = threading.Barrier(len(self._threads))
            for _ in range(together.parties):
                self.submit(_give_back, together)
        super().shutdown(wait, cancel_futures=cancel_futures)


def _give_back(together: threading.Barrier) -> None:
    connections.close_all()
    try:  # so that each thread takes one of these
        together.wait(TOGETHER_WITHIN)
    except threading.BrokenBarrierError:
        return

"""What jobs hand to the worker's loop as it ends."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from sandboxes.node.supervision.loop import Loop
from tests.fixtures.waiting import PATIENCE, until


async def forever() -> None:
    await asyncio.Event().wait()


def test_work_that_comes_after_the_end_is_refused_and_never_begun(redis: object) -> None:
    loop = Loop()
    loop.stop()
    work = forever()

    with pytest.raises(RuntimeError, match="takes no more work"):
        loop.call(work)

    assert work.cr_frame is None  # closed, so that nobody warns of it


def test_who_waits_for_work_that_is_not_done_is_told_at_the_end(redis: object) -> None:
    loop = Loop()
    with ThreadPoolExecutor(2) as threads:
        before = threads.submit(loop.call, forever())
        held, go = threading.Event(), threading.Event()
        loop.soon(lambda: (held.set(), go.wait(PATIENCE)))
        assert held.wait(PATIENCE)
        stopping = threads.submit(loop.stop)
        until(lambda: stopping.running())
        after = loop.begin(forever())
        go.set()

        for waiting in (before, after):
            with pytest.raises(CancelledError):
                waiting.result(PATIENCE)

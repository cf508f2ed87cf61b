"""Threads for jobs: as many as there is work at once, and few that wait for more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.fixtures.waiting import until
from vibe.jobs import threads
from vibe.jobs.threads import Threads


@pytest.fixture
def pool() -> Iterator[Threads]:
    pool = Threads()
    yield pool
    pool.close()


def ran_in(pool: Threads, name: str) -> threading.Thread:
    """The thread that some work was done in."""
    found: list[threading.Thread] = []
    pool.start(name, lambda: found.append(threading.current_thread()))
    until(lambda: bool(found))
    return found[0]


def test_an_idle_thread_takes_the_next_work(pool):
    first = ran_in(pool, "first")
    until(lambda: first.name == "idle")
    assert ran_in(pool, "second") is first


def test_all_work_is_begun_at_once_and_few_threads_stay(pool):
    together = threading.Barrier(threads.IDLE * 3)
    found: list[threading.Thread] = []

    def work() -> None:
        found.append(threading.current_thread())
        together.wait(30)

    for number in range(threads.IDLE * 3):
        pool.start(f"work {number}", work)
    until(lambda: sum(thread.is_alive() for thread in found) == threads.IDLE)
    assert len(set(found)) == threads.IDLE * 3


def test_idle_threads_end_when_it_is_closed(pool):
    thread = ran_in(pool, "only")
    until(lambda: thread.name == "idle")
    pool.close()
    thread.join(30)
    assert not thread.is_alive()

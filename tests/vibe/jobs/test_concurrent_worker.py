"""The worker that runs many jobs at once, on a real Valkey."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from rq import Retry
from rq.job import Job

from tests.fixtures.waiting import until
from tests.fixtures.worker import InThread, quit_job
from vibe.jobs.queue import queue, worker_queue
from vibe.jobs.run import hands_over

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "concurrent-test"
PENDING: dict[str, Future] = {}
BEGUN = threading.Semaphore(0)


def hold(name: str) -> Future:
    future = PENDING.setdefault(name, Future())
    BEGUN.release()
    return future


@hands_over
def begin_and_wait(name: str) -> Future:
    assert threading.current_thread().name == "worker under test"
    return hold(name)


@hands_over
def fail_to_begin(name: str) -> Future:
    raise ValueError("at once")


def fail_at_once() -> None:
    raise ValueError("at once")


@pytest.fixture
def working() -> Iterator[InThread]:
    """A worker in a thread; at the end every job that waits is over, and the worker stops."""

    def let_go() -> None:
        # The same job waits for a Future of its own when it comes again.
        while PENDING:
            _, future = PENDING.popitem()
            if not future.done():
                future.set_result(Retry(max=5))

    queue(NAME).empty()
    while BEGUN.acquire(blocking=False):
        """Of a job that an earlier test has left."""
    worker = InThread([worker_queue(NAME)], kind="test", node="n", on_stop=let_go)
    thread = threading.Thread(target=worker.work, name="worker under test")
    thread.start()
    try:
        yield worker
    finally:
        worker.finish()
        queue(NAME).enqueue(quit_job)
        thread.join(30)
        assert not thread.is_alive()


def put(function, *words: str) -> Job:
    return queue(NAME).enqueue(function, *words)


def begun(count: int) -> None:
    for _ in range(count):
        assert BEGUN.acquire(timeout=30)


def status(job: Job) -> str:
    return str(job.get_status(refresh=True).value)


def once_it_leaves(job: Job, *states: str) -> str:
    """The job's status when it is none of these any more."""
    return until(lambda: (found := status(job)) not in states and found, "another status")


def told(job: Job) -> str:
    """The job's status once Redis knows more than that it was put into the queue."""
    return once_it_leaves(job, "queued")


def ending(job: Job) -> str:
    """How a job has ended, once it has."""
    return once_it_leaves(job, "queued", "started")


def test_jobs_that_wait_hold_no_thread(working):
    jobs = [put(hold, str(number)) for number in range(40)]
    begun(40)
    assert {told(job) for job in jobs} == {"started"}
    for thread in [one for one in threading.enumerate() if one.name.startswith("job ")]:
        thread.join(30)
    assert working.holds(40)


def test_a_job_is_finished_when_what_it_waits_for_is(working):
    job = put(hold, "one")
    begun(1)
    PENDING["one"].set_result(None)
    until(lambda: working.holds(0))
    assert status(job) == "finished"


def test_a_job_fails_with_what_it_waits_for(working):
    job = put(hold, "one")
    begun(1)
    PENDING["one"].set_exception(ValueError("later"))
    until(lambda: working.holds(0))
    assert status(job) == "failed"
    assert "ValueError: later" in job.latest_result().exc_string


def test_a_job_fails_that_raises_before_it_waits(working):
    job = put(fail_at_once)
    assert ending(job) == "failed"
    assert "ValueError: at once" in job.latest_result().exc_string


def test_a_worker_that_stops_hands_waiting_jobs_on(working):
    job = put(hold, "one")
    begun(1)
    working.begin_to_stop()
    begun(1)  # the queue had it again, and this worker, which still runs, took it
    assert told(job) == "started"


def test_a_job_that_hands_over_is_begun_without_a_thread(working):
    job = put(begin_and_wait, "one")
    begun(1)
    PENDING["one"].set_result(None)
    assert ending(job) == "finished"


def test_a_job_that_cannot_hand_over_fails_and_the_worker_goes_on(working):
    job = put(fail_to_begin, "one")
    after = put(begin_and_wait, "two")
    begun(1)
    assert ending(job) == "failed"
    assert "ValueError: at once" in job.latest_result().exc_string
    PENDING["two"].set_result(None)
    assert ending(after) == "finished"


def test_a_stop_that_did_not_break_off_the_wait_for_a_job_is_seen_all_the_same(db, redis):
    worker = InThread([worker_queue("nothing-comes")], kind="test", node="n")
    thread = threading.Thread(target=worker.work)
    thread.start()
    until(lambda: worker._dequeuing)
    worker.finish()
    thread.join(30)
    assert not thread.is_alive()


def test_a_worker_that_stops_does_not_wait_for_the_thread_of_its_channel(
    working: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = until(lambda: working.pubsub_thread, "a thread")
    goodbye = working.pubsub.unsubscribe

    def heard_at_once() -> None:
        goodbye()
        until(lambda: not working.pubsub.subscribed, "the goodbye")

    monkeypatch.setattr(working.pubsub, "unsubscribe", heard_at_once)
    working.finish()
    queue(NAME).enqueue(quit_job)
    until(lambda: not thread.is_alive(), "its end", 30)

from __future__ import annotations

import threading

import pytest
import redis
from django.conf import settings

from tests.fixtures.waiting import until
from vibe.jobs import scheduler as module
from vibe.jobs.queue import queue
from vibe.jobs.scheduler import Scheduler, scheduling


@pytest.fixture
def scheduler() -> Scheduler:
    scheduler = Scheduler()
    scheduler.load_config_from_file("vibe.cron")
    return scheduler


def test_due_jobs_are_enqueued_so_that_the_workers_can_read_them(scheduler: Scheduler) -> None:
    scheduler.enqueue_jobs()

    jobs = queue(settings.SANDBOX_QUEUE).jobs
    assert "sandboxes.jobs.reconcile_node" in [job.func_name for job in jobs]
    assert all(callable(job.func) for job in jobs)
    assert {job.get_status() for job in jobs} == {"queued"}


def test_a_job_is_not_enqueued_again_before_its_time(scheduler: Scheduler) -> None:
    scheduler.enqueue_jobs()
    before = len(queue(settings.SANDBOX_QUEUE).jobs)

    assert scheduler.enqueue_jobs() == []
    assert len(queue(settings.SANDBOX_QUEUE).jobs) == before


def test_jobs_that_no_worker_takes_expire_before_the_next_are_due(scheduler: Scheduler) -> None:
    scheduler.enqueue_jobs()

    intervals = {job.func_name: job.interval for job in scheduler.get_jobs()}
    for job in queue(settings.SANDBOX_QUEUE).jobs:
        interval = intervals[job.func_name]
        assert job.ttl is not None and interval is not None
        assert job.ttl < interval


def names() -> set[str]:
    return {job.func_name for job in queue(settings.SANDBOX_QUEUE).jobs}


def running() -> list[Scheduler]:
    """Those that the dashboard lists."""
    return Scheduler.all(queue(settings.SANDBOX_QUEUE).connection)


def test_a_worker_enqueues_what_is_due_while_it_runs() -> None:
    with scheduling(after=0):
        until(lambda: "vibe.webhooks.jobs.deliver_due" in names())
        until(running)

    assert not running()
    assert "scheduler" not in [thread.name for thread in threading.enumerate()]


def test_a_worker_that_ends_before_anything_is_due_enqueues_nothing() -> None:
    with scheduling(after=60):
        pass

    assert names() == set()


@pytest.mark.parametrize("error", [redis.ConnectionError("away"), ValueError("a bug")])
def test_what_fails_once_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    failures = [error]
    enqueue = Scheduler.enqueue_jobs

    def fail_first(self: Scheduler) -> list:
        if failures:
            raise failures.pop()
        return enqueue(self)

    monkeypatch.setattr(Scheduler, "enqueue_jobs", fail_first)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)

    with scheduling(after=0):
        until(lambda: "vibe.webhooks.jobs.deliver_due" in names())

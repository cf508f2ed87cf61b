from __future__ import annotations

import pytest
from django.conf import settings

from vibe.embedded.scheduler import Scheduler
from vibe.jobs.queue import queue


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

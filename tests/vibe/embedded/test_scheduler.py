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


def test_a_due_job_is_enqueued_so_that_the_workers_can_read_it(scheduler: Scheduler) -> None:
    scheduler.enqueue_jobs()

    (job,) = queue(settings.SANDBOX_QUEUE).jobs
    assert job.func_name == "sandboxes.jobs.reconcile_node"
    assert callable(job.func)
    assert job.get_status() == "queued"


def test_a_job_is_not_enqueued_again_before_its_time(scheduler: Scheduler) -> None:
    scheduler.enqueue_jobs()

    assert scheduler.enqueue_jobs() == []
    assert len(queue(settings.SANDBOX_QUEUE).jobs) == 1


def test_a_job_that_no_worker_takes_expires_before_the_next_is_due(scheduler: Scheduler) -> None:
    scheduler.enqueue_jobs()

    (job,) = queue(settings.SANDBOX_QUEUE).jobs
    (periodic,) = scheduler.get_jobs()
    assert job.ttl is not None and periodic.interval is not None
    assert job.ttl < periodic.interval

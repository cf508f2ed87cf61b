"""The scheduler process: enqueues the periodic jobs of `vibe.cron` when they are due."""

from __future__ import annotations

import logging

from django_rq.cron import DjangoCronScheduler
from rq.cron import CronJob
from rq.utils import now

from vibe.jobs.queue import queue

log = logging.getLogger(__name__)


class Scheduler(DjangoCronScheduler):
    """RQ's cron scheduler over the queues of the settings.

    RQ's own one builds its queues anew and forgets their serializer, so that workers which
    expect JSON could not read its jobs.
    """

    def enqueue_jobs(self) -> list[CronJob]:
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in due:
            at = now()
            # By its dotted path: workers import it, and this is what JSON can carry.
            made = queue(job.queue_name).enqueue(
                job.func_name, args=job.args, kwargs=job.kwargs, **job.job_options
            )
            # The dashboard lists the runs of a periodic job from here.
            self.connection.zadd(job.job_history_key, {made.id: at.timestamp()})
            self.connection.zremrangebyrank(job.job_history_key, 0, -101)
            self.connection.expire(job.job_history_key, 86_400)
            job.set_enqueue_time(at)
            log.debug("enqueued %s", job.name)
        return due


def run() -> None:
    """Enqueue due jobs until SIGINT or SIGTERM."""
    scheduler = Scheduler(logging_level=logging.WARNING)
    scheduler.load_config_from_file("vibe.cron")
    scheduler.start()

"""The scheduler: a thread that enqueues the periodic jobs of `vibe.cron` when they are due.

It runs within the sandbox worker: a node has exactly one, which holds the node's lock, and the
jobs go into that node's queue.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis
from django_rq.cron import DjangoCronScheduler
from rq.cron import CronJob
from rq.utils import now

from vibe.jobs.queue import queue
from vibe.streams.redis import sync_client

log = logging.getLogger(__name__)

# By then the processes of `up` have started; nothing periodic is due before.
AFTER_SECONDS = 3.0
# Between attempts while Redis is away.
RETRY_SECONDS = 2.0
# For telling Redis that it is gone; what does not fit in expires there.
SIGN_OFF_SECONDS = 1.0


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

    def turn(self) -> float:
        """Enqueue what is due and tell the dashboard; returns the seconds until the next turn."""
        if self.enqueue_jobs():
            self.save()
        self.heartbeat()
        return float(self.calculate_sleep_interval())


@contextmanager
def scheduling(after: float = AFTER_SECONDS) -> Iterator[None]:
    """Enqueue due jobs in a thread while the block runs, first `after` seconds from now."""
    ended = threading.Event()
    thread = threading.Thread(target=_run, args=(ended, after), name="scheduler", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(SIGN_OFF_SECONDS)


def _run(ended: threading.Event, after: float) -> None:
    if ended.wait(after):
        return
    scheduler = Scheduler(logging_level=logging.WARNING)
    scheduler.load_config_from_file("vibe.cron")
    scheduler.connection = sync_client()  # that of the queue waits for an answer for ever
    pause = 0.0
    while not ended.wait(pause):
        try:
            pause = scheduler.turn()
        except redis.RedisError as error:
            # What is due stays due.
            log.warning("periodic jobs wait for Redis (%s)", error)
            pause = RETRY_SECONDS
        except Exception:
            # The thread must outlive it: nobody would start another one.
            log.exception("periodic jobs could not be enqueued")
            pause = RETRY_SECONDS
    with suppress(redis.RedisError):
        scheduler.register_death()

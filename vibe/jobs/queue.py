"""Putting jobs into RQ queues: ids only, after the transaction has been committed."""

from __future__ import annotations

import logging
from functools import cache

import redis
from django.db import transaction
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from vibe.streams.redis import sync_client, worker_client

logger = logging.getLogger(__name__)

RESULT_SECONDS = 300
FAILURE_SECONDS = 7 * 86_400
# Commands and turns carry their own limits; RQ must not end what lives for days.
NO_LIMIT = -1


@cache
def queue(name: str) -> Queue:
    """The queue as producers use it."""
    return Queue(
        name, connection=sync_client(), serializer=JSONSerializer, default_timeout=NO_LIMIT
    )


def worker_queue(name: str) -> Queue:
    """The queue on a connection of its own, which waits for jobs as long as it takes."""
    return Queue(
        name, connection=worker_client(), serializer=JSONSerializer, default_timeout=NO_LIMIT
    )


def enqueue(queue_name: str, function: str, *ids: str | float, job_id: str | None = None) -> None:
    """Enqueue `function` (a dotted path) with `ids` once the current transaction is committed.

    The row is the request; when Redis is away, the worker's reconciling enqueues it later.
    """

    def put() -> None:
        try:
            queue(queue_name).enqueue(
                function,
                args=ids,
                job_id=job_id,
                result_ttl=RESULT_SECONDS,
                failure_ttl=FAILURE_SECONDS,
            )
        except redis.ConnectionError as error:
            logger.warning("%s waits for Redis (%s)", job_id or function, error)

    transaction.on_commit(put)


def is_waiting(queue_name: str, job_id: str) -> bool:
    """Whether the job still stands in its queue, to be run in its turn."""
    return queue(queue_name).get_job_position(job_id) is not None


def enqueue_again(queue_name: str, function: str, *ids: str, job_id: str) -> None:
    """Enqueue a job whose earlier run was cut off; what Redis still holds of that is forgotten."""
    _forget(job_id)
    enqueue(queue_name, function, *ids, job_id=job_id)


def _forget(job_id: str) -> None:
    try:
        job = Job.fetch(job_id, connection=sync_client(), serializer=JSONSerializer)
    except NoSuchJobError:
        return
    try:
        job.delete()
    except ValueError:
        # RQ lists the executions and then reads each: one of them has ended in between.
        job.connection.delete(job.execution_registry.key)
        job.delete()

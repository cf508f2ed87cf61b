"""The only place that builds Redis clients.

redis-py 8 gives every socket a timeout of five seconds and a pool of one hundred connections;
both end long-lived readers (see redis/redis-py#4091), so both are set here.
"""

from __future__ import annotations

from functools import cache

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from vibe.streams.packing import packing_in_c

MAX_CONNECTIONS = 10_000
# A restart of the embedded server takes well under a second; three quick tries bridge it.
_ERRORS: list[type[Exception]] = [redis.ConnectionError]


def _retry() -> Retry:
    return Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=4)


@cache
def sync_client() -> redis.Redis:
    """The client of this process for short commands; safe to use from many threads."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=30,
        socket_connect_timeout=5,
        max_connections=MAX_CONNECTIONS,
        retry=_retry(),
        retry_on_error=_ERRORS,
    )


@cache
def blocking_client() -> redis.Redis:
    """Like `sync_client`, for reads that block as long as they like (BLPOP, XREAD BLOCK)."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=None,
        socket_connect_timeout=5,
        max_connections=MAX_CONNECTIONS,
    )


def async_client() -> redis.asyncio.Redis:
    """A new client for the running event loop, without read timeouts; its owner closes it."""
    client = redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=None,
        socket_connect_timeout=5,
        max_connections=MAX_CONNECTIONS,
    )
    pool = client.connection_pool
    pool.connection_class = packing_in_c(pool.connection_class)
    return client


def worker_client() -> redis.Redis:
    """A client for one RQ worker: it blocks while it waits for jobs and rides out a restart."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=None,
        socket_connect_timeout=5,
        max_connections=MAX_CONNECTIONS,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=25),
        retry_on_error=_ERRORS,
    )

"""The sandbox worker: one process per node, which runs every session and command of it."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
from functools import cache
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from sandboxes.host import isolation
from sandboxes.models import Command
from sandboxes.node import reconcile, warm
from sandboxes.node.browsing import settling
from sandboxes.node.browsing.visits import Visits
from sandboxes.node.supervision.supervisor import Supervisor
from sandboxes.node.supervision.warm_pool import WarmPool
from sandboxes.services import commands
from vibe.jobs.queue import worker_queue
from vibe.jobs.scheduler import scheduling
from vibe.jobs.worker import ConcurrentWorker
from vibe.refusal import Refusal
from vibe.webhooks.courier import courier

KIND = "sandboxes"
_M_ARENA_MAX = -8  # of malloc.h


@cache
def supervisor() -> Supervisor:
    """The supervisor of this process."""
    return Supervisor()


@cache
def warm_pool() -> WarmPool:
    """The sandboxes that this process starts ahead."""
    return WarmPool()


@cache
def visits() -> Visits:
    """What looks at apps in this process."""
    return Visits()


def run(*, burst: bool = False) -> None:
    """Work until asked to stop. Raises Refusal when the node has a worker already."""
    lock = _lock_node()
    _allow_many_files()
    _share_memory()
    connection_created.connect(_map_nothing)
    isolation.look_ahead()
    try:
        warm.end_all()
        settling.end_leftovers()
        supervisor().prepare_network()
        courier()  # before two jobs ask for it at once
        for session in reconcile.reconcile_node():
            supervisor().watch(session)
        warm_pool().start()
        worker = ConcurrentWorker(
            [worker_queue(settings.SANDBOX_QUEUE)],
            kind=KIND,
            node=settings.NODE_NAME,
            on_stop=_close,
            stop_job=_stop_job,
        )
        with scheduling():
            worker.work(burst=burst)
    finally:
        os.close(lock)


def _close() -> None:
    visits().close()
    courier().close()
    warm_pool().close()
    supervisor().close()


def _stop_job(job_id: str) -> None:
    """RQ's stop command (its dashboard has a button): a command's job bears the command's id."""
    if command := Command.objects.filter(pk=job_id).first():
        commands.stop(command)


def _allow_many_files() -> None:
    """Each running command takes eight descriptors; the usual limit is 1024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _share_memory() -> None:
    """A thread per job: glibc would give them dozens of heaps, each with free room of its own."""
    with contextlib.suppress(OSError, AttributeError):  # another C library has no such thing
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _map_nothing(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """It writes far more than it reads: what SQLite would map of the file only costs memory."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size=0")


def _lock_node() -> int:
    """Two workers of one node would read the same pipes."""
    descriptor = os.open(settings.RUN_DIR / "worker-sandboxes.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Refusal(
            f"The node {settings.NODE_NAME} has a sandbox worker already.",
            "Stop it first, or give this one a node of its own with VIBE_NODE.",
            code="conflict",
        ) from None
    return descriptor

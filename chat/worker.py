"""The chat worker: the one process that loads the agent library; it runs every turn."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connections

from chat.agent import loading
from chat.checking.loop import checking
from chat.models import Turn
from chat.services import delivery, orphans, stopping, turns
from chat.services.checking import checks
from chat.services.problems import watching
from chat.services.spending import settling
from sandboxes.host import isolation
from vibe.jobs.queue import worker_queue
from vibe.jobs.worker import ConcurrentWorker

logger = logging.getLogger(__name__)

KIND = "chat"
HEAL_SECONDS = 30.0
# After its beginning, when what was handed in just before that is old enough to count as lost.
FIRST_HEAL_SECONDS = orphans.GRACE.total_seconds() + 1.0
# Between two looks at what may have gone wrong in what people build.
LOOK_SECONDS = 2.0
# A turn's thread runs an event loop and JSON parsers written in C: more stack than one that waits.
THREAD_STACK_BYTES = 4 * 1024 * 1024


def run(*, burst: bool = False) -> None:
    """Work until asked to stop; turns under way then end as failed and can be tried again."""
    isolation.look_ahead()
    orphans.fail_orphans()
    checks.settle_lost()
    settling.release_lost()
    delivery.go_on_all()
    worker = ConcurrentWorker(
        [worker_queue(settings.CHAT_QUEUE)],
        kind=KIND,
        node=settings.NODE_NAME,
        on_stop=_stop,
        stop_job=_stop_job,
    )
    threading.stack_size(THREAD_STACK_BYTES)
    ended = threading.Event()
    healer = threading.Thread(target=_heal, args=(ended,), name="healer", daemon=True)
    healer.start()
    watcher = threading.Thread(target=_watch, args=(ended,), name="error monitor", daemon=True)
    watcher.start()
    loading.begin()
    try:
        worker.work(burst=burst)
    finally:
        ended.set()


def _stop() -> None:
    checking().close()
    loading.interrupt_all()


def _heal(ended: threading.Event) -> None:
    """From time to time, look for turns that Redis or another worker has lost or not begun, and
    for requests to models that died with theirs."""
    pause = FIRST_HEAL_SECONDS
    while not ended.wait(pause):
        pause = HEAL_SECONDS
        try:
            orphans.fail_orphans()
            checks.settle_lost()
            settling.release_lost()
            delivery.go_on_all()
        except DatabaseError:
            logger.exception("Lost turns could not be looked for")
        finally:
            connections.close_all()


def _watch(ended: threading.Event) -> None:
    """Read what commands have put out, and decide on errors: the error monitor of this process."""
    while not ended.wait(LOOK_SECONDS):
        try:
            watching.look()
        except Exception:
            # The thread must outlive it: nobody would start another one.
            logger.exception("Errors could not be looked for")
        finally:
            connections.close_all()


def _stop_job(job_id: str) -> None:
    """RQ's stop command (its dashboard has a button): a turn's job bears the turn's id."""
    if turn := Turn.objects.filter(pk=turns.turn_of(job_id)).first():
        stopping.stop_turn(turn)

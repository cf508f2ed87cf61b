"""An RQ worker that runs many jobs at once, each waiting in a thread of its own.

rq's base class tracks several executions per worker; this one has a thread for each job, in place
of a process. A job that mostly waits returns a Future: it is over when that is, and needs no
thread until then; marked with `hands_over`, it needs none at all. A job is begun first, and Redis
told of it a moment later. Its own time limit is enforced by whoever runs it (the agent for a
command, the step limit for a turn), so no alarm is set here.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import FrameType
from typing import Any

import redis
from django.db import connections
from rq import Queue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.utils import now
from rq.worker import BaseWorker, WorkerStatus

from vibe.jobs.heartbeat import HEARTBEAT_SECONDS, heartbeat_key, tell_jobs
from vibe.jobs.run import Run, is_handed_over
from vibe.jobs.threads import Threads

logger = logging.getLogger(__name__)

# The threads only wait; the default of 8 MiB each would count against overcommit limits.
THREAD_STACK_BYTES = 512 * 1024
# Record how jobs ended that had no thread any more; a thousand may end at once.
ENDING_THREADS = 4
# Telling Redis takes processor time that a job needs which was just begun: the first byte of a
# command came 2 ms later.
FIRST_MOMENTS = 0.05
SUSPENSION_SECONDS = 1.0
# At the longest one wait for a job. Whatever breaks it off may be lost: a signal between the last
# look and the system call, or an exception that logging or a finaliser swallows.
WAIT_SECONDS = 2
# How long a worker that stops waits for its jobs to be recorded.
STOP_SECONDS = 10.0


class _NoAlarm(BaseDeathPenalty):
    def setup_death_penalty(self) -> None: ...

    def cancel_death_penalty(self) -> None: ...


class ConcurrentWorker(BaseWorker):
    """Begins each job at once. `kind` and `node` name its heartbeat.

    `on_stop` is called once, when the process is asked to stop: it makes the running jobs end.
    """

    death_penalty_class = _NoAlarm
    log_result_lifespan = False
    max_connection_wait_time = 2.0

    def __init__(
        self,
        queues: list[Queue],
        *,
        kind: str,
        node: str,
        on_stop: Callable[[], None] = lambda: None,
        stop_job: Callable[[str], None] = lambda _: None,
        **options: Any,
    ) -> None:
        super().__init__(queues, serializer=JSONSerializer, log_job_description=False, **options)
        self.kind = kind
        self.node = node
        self._on_stop = on_stop
        self._stop_job = stop_job
        self._runs: set[Run] = set()
        self._settled = threading.Condition()
        self._threads = Threads()
        self._announcing = ThreadPoolExecutor(1, thread_name_prefix="announcing")
        self._endings = ThreadPoolExecutor(ENDING_THREADS, thread_name_prefix="ending")
        self._ended = threading.Event()
        self._dequeuing = False
        self._suspension_due = 0.0
        self._failure_lock = threading.Lock()
        threading.stack_size(THREAD_STACK_BYTES)

    def execute_job(self, job: Job, queue: Queue) -> None:
        run = Run(job, queue)
        self._runs.add(run)
        # Before it is begun: whatever comes of that, its end is recorded.
        self._announcing.submit(self._announce, run, time.monotonic() + FIRST_MOMENTS)
        if is_handed_over(job):
            run.perform()
        else:
            self._threads.start(f"job {job.id}", run.perform)

    def _announce(self, run: Run, due: float) -> None:
        """Tell Redis that a job runs, when its first moments are over, and later how it ended."""
        time.sleep(max(0.0, due - time.monotonic()))
        job = run.job
        try:
            run.execution = self.prepare_execution(job)
            self.prepare_job_execution(job, remove_from_intermediate_queue=len(self.queues) == 1)
        except redis.RedisError as error:
            # What it works on says how it ended; RQ takes it for a job that was never begun.
            logger.warning("job %s: Redis does not know that it runs (%s)", job.id, error)
        job.started_at = now()
        run.ending.add_done_callback(lambda _: self._endings.submit(self._settle, run))

    def _settle(self, run: Run) -> None:
        """Record how a job has ended."""
        try:
            if run.execution is not None:
                self._record(run.job, run.queue, run.execution, run.ending)
        except Exception:
            logger.exception("job %s could not be recorded", run.job.id)
        finally:
            # A thread of the pool must not keep a connection for as long as it lives.
            connections.close_all()
            with self._settled:
                if run.execution is not None:
                    self.executions.pop(run.execution.id, None)
                self._runs.discard(run)
                self._settled.notify_all()

    def _record(self, job: Job, queue: Queue, execution: Any, ending: Future[Any]) -> None:
        try:
            self._finalize_success(job, queue, execution, ending.result())
        except BaseException as error:
            failure = (type(error), error, error.__traceback__)
            self._finalize_failure(job, queue, execution, failure)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Only the heartbeat's own thread sends one: rq's loop would before and after each job,
        while the job waits."""
        if pipeline is not None:
            super().heartbeat(timeout, pipeline=pipeline)

    def check_for_suspension(self, burst: bool) -> None:
        """Once a second, and not before each job: that would slow down the one just begun."""
        if time.monotonic() >= self._suspension_due:
            super().check_for_suspension(burst)
            self._suspension_due = time.monotonic() + SUSPENSION_SECONDS

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """That it is idle is told by the heartbeat, for the same reason."""
        if state == WorkerStatus.IDLE and pipeline is None:
            self._state = state
        else:
            super().set_state(state, pipeline)

    def procline(self, message: str) -> None:
        """The command line stays as it is: it says which worker this is."""

    def request_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._shutdown_requested_date = now()
        signal.signal(signal.SIGINT, self.request_force_stop)
        signal.signal(signal.SIGTERM, self.request_force_stop)
        self._stop_requested = True
        # Anywhere else the loop sees the flag; only the wait for a job has to be broken off.
        if self._dequeuing:
            raise StopRequested

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Look again for a stop after each short wait. `timeout` None: do not wait at all."""
        if timeout is None or max_idle_time is not None:
            return self._dequeue(timeout, max_idle_time)
        while not self._stop_requested:
            if found := self._dequeue(timeout, WAIT_SECONDS):
                return found
        raise StopRequested

    def _dequeue(self, timeout: int | None, most: int | None) -> tuple[Job, Queue] | None:
        self._dequeuing = True
        try:
            return super().dequeue_job_and_maintain_ttl(timeout, most)
        finally:
            self._dequeuing = False

    def request_stop_execution(self, execution_id: str) -> None:
        """RQ's stop command: end what the job runs; the job then ends by itself."""
        if execution := self.executions.get(execution_id):
            self._stop_job(execution.job_id)

    def handle_job_failure(self, job: Job, *args: Any, **kwargs: Any) -> None:
        with self._failure_lock:
            super().handle_job_failure(job, *args, **kwargs)

    def unsubscribe(self) -> None:
        """The thread is told first: woken by the goodbye before that, it would sleep once more, and
        the worker wait a second for it."""
        if self.pubsub_thread is not None:
            self.pubsub_thread.stop()
        super().unsubscribe()

    def teardown(self) -> None:
        self._on_stop()
        self._announcing.shutdown()
        self._threads.close()
        with self._settled:
            self._settled.wait_for(lambda: not self._runs, timeout=STOP_SECONDS)
        self._endings.shutdown(wait=False)
        self._ended.set()
        try:
            self.connection.delete(heartbeat_key(self.kind, self.node))
            super().teardown()
        except redis.RedisError:
            logger.info("Redis is gone already; nothing to sign off from")

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        super().bootstrap("WARNING")
        threading.Thread(target=self._keep_alive, name="heartbeat", daemon=True).start()

    def _keep_alive(self) -> None:
        """Tell Redis every few seconds that this process and each of its jobs still live."""
        while not self._ended.is_set():
            try:
                self._beat()
            except redis.RedisError as error:
                logger.debug("no heartbeat: %s", error)
            self._ended.wait(HEARTBEAT_SECONDS)

    def _beat(self) -> None:
        ttl = self.job_monitoring_interval + 60
        with self.connection.pipeline(transaction=False) as pipeline:
            pipeline.set(heartbeat_key(self.kind, self.node), os.getpid(), ex=HEARTBEAT_SECONDS * 3)
            self.heartbeat(ttl, pipeline=pipeline)
            if self.get_state() in (WorkerStatus.IDLE, WorkerStatus.BUSY):
                state = WorkerStatus.BUSY if self._runs else WorkerStatus.IDLE
                self.set_state(state, pipeline)
            tell_jobs(list(self._runs), ttl, pipeline)
            pipeline.execute()

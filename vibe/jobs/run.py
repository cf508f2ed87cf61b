"""One job under way in a worker, from its call to what came of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rq import Queue
from rq.executions import Execution
from rq.job import Job

Function = TypeVar("Function", bound=Callable[..., Any])


def hands_over(job: Function) -> Function:
    """Mark a job that does nothing but return the Future of its work: it is begun without a
    thread."""
    job.hands_over = True  # type: ignore[attr-defined]  # functions take any attribute
    return job


def is_handed_over(job: Job) -> bool:
    """Whether its function is marked so."""
    try:
        return getattr(job.func, "hands_over", False)
    except Exception:  # there is no such function: it fails when it is called
        return False


@dataclass(eq=False)
class Run:
    """A job on its way; Redis knows of it when it has an execution."""

    job: Job
    queue: Queue
    # What its function returns or raises, or the Future that it has returned.
    ending: Future[Any] = field(default_factory=Future)
    execution: Execution | None = None

    def perform(self) -> None:
        """Call the job's function."""
        try:
            result = self.job.perform()
        except BaseException as error:
            self.ending.set_exception(error)
            if not isinstance(error, Exception):  # the worker was told to stop in this moment
                raise
            return
        if isinstance(result, Future):
            self.job._result = None
            result.add_done_callback(self._pass_on)
        else:
            self.ending.set_result(result)

    def _pass_on(self, done: Future[Any]) -> None:
        try:
            self.ending.set_result(done.result())
        except BaseException as error:
            self.ending.set_exception(error)

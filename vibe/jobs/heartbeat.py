"""Signs of life in Redis, of a worker and of the jobs that it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rq.registry import StartedJobRegistry
from rq.utils import now

from vibe.jobs.run import Run

HEARTBEAT_SECONDS = 5


def heartbeat_key(kind: str, node: str) -> str:
    """Key that lives as long as a worker of that kind does; read by /readyz and doctor."""
    return f"heartbeat:{kind}:{node}"


def tell_jobs(runs: Iterable[Run], ttl: int, pipeline: Any) -> None:
    """That each of them still runs, for another `ttl` seconds."""
    # Looked up once for each queue: of a thousand jobs it would take as long as the rest.
    registries: dict[str, StartedJobRegistry] = {}
    for run in runs:
        if run.execution is not None:
            if run.job.origin not in registries:
                registries[run.job.origin] = run.job.started_job_registry
            run.execution.heartbeat(registries[run.job.origin], ttl, pipeline=pipeline)
            run.job.heartbeat(now(), ttl, pipeline=pipeline, xx=True)

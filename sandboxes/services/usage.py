"""What a sandbox used in the last hour: samples kept in Redis, taken more often while watched."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from sandboxes.models import Sandbox
from sandboxes.services import limits
from vibe.streams.entries import entry_id, parse_range
from vibe.streams.redis import sync_client

KEPT_SECONDS = 3600
WATCH_SECONDS = 10
FIELDS = ("cpu", "memory", "disk", "network")


@dataclass(frozen=True)
class Sample:
    """`at` in seconds since 1970; `cpu` in processors (1.0 is one busy core), `memory` and `disk`
    in bytes, `network` in bytes a second. None where it is not known."""

    at: float
    cpu: float | None
    memory: int | None
    disk: int | None
    network: float | None


@dataclass(frozen=True)
class Ceilings:
    """What the sandbox may use; bytes and processors. 0: as much as there is."""

    cpu: float
    memory: int
    disk: int


def ceilings(sandbox: Sandbox) -> Ceilings:
    values = limits.of(sandbox)
    return Ceilings(values.cpus, values.memory_bytes, values.disk_bytes)


def watch(sandbox_id: str) -> None:
    """Somebody looks: have samples taken often for the next ten seconds."""
    try:
        sync_client().set(_watch_key(sandbox_id), 1, ex=WATCH_SECONDS)
    except redis.ConnectionError:
        return


def watched(sandbox_ids: Sequence[str]) -> set[str]:
    """Those of the sandboxes that somebody looks at."""
    if not sandbox_ids:
        return set()
    found = sync_client().mget([_watch_key(one) for one in sandbox_ids])
    return {one for one, mark in zip(sandbox_ids, found, strict=True) if mark}


def record(samples: Iterable[tuple[str, Sample]]) -> None:
    """Keep one sample for each sandbox; those older than an hour go."""
    with sync_client().pipeline(transaction=False) as pipeline:
        for sandbox_id, sample in samples:
            number = int(sample.at * 1000)
            values: dict[Any, Any] = {
                name: value for name in FIELDS if (value := getattr(sample, name)) is not None
            }
            oldest = entry_id(number - KEPT_SECONDS * 1000)
            pipeline.xadd(
                _key(sandbox_id),
                values or {"none": 1},
                entry_id(number),
                minid=oldest,
                approximate=False,
            )
            pipeline.expire(_key(sandbox_id), KEPT_SECONDS)
        # A clock that was set back repeats a number; that sample is not worth an error.
        pipeline.execute(raise_on_error=False)


def recent(sandbox: Sandbox, seconds: float = 600) -> list[Sample]:
    """The samples of the last `seconds`, oldest first; none while Redis is away."""
    try:
        since = entry_id(int((time.time() - seconds) * 1000))
        answer = sync_client().xrange(_key(sandbox.pk), min=since)
    except redis.ConnectionError:
        return []
    return [_sample(number, fields) for number, fields in parse_range(answer)]


def _sample(number: int, fields: dict[bytes, bytes]) -> Sample:
    found = {name: float(fields[name.encode()]) for name in FIELDS if name.encode() in fields}
    memory, disk = found.get("memory"), found.get("disk")
    return Sample(
        number / 1000,
        found.get("cpu"),
        None if memory is None else int(memory),
        None if disk is None else int(disk),
        found.get("network"),
    )


def _key(sandbox_id: str) -> str:
    return f"usage:{sandbox_id}"


def _watch_key(sandbox_id: str) -> str:
    return f"usage-watched:{sandbox_id}"

"""What a sandbox uses: now, and in the last minutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from sandboxes.services import finding, usage
from vibe.api.authentication import access, caller
from vibe.api.fields import Text

router = Router(auth=access("run"))


class SampleOut(Schema):
    """What is not known is null: the processor and the network need two readings, the disk is
    counted from time to time, and at the levels “reduced” and “none” the network is the machine's.
    """

    at: datetime
    cpu: float | None = Field(description="Processors in use; 1.0 is one busy core.")
    memory_bytes: int | None
    disk_bytes: int | None = Field(description="What its files take.")
    network_bytes_per_second: float | None = Field(
        description="All that passes the sandbox's own network: previews, its way out, and what"
        " its programs say to each other."
    )


class CeilingsOut(Schema):
    """What it may use; 0: as much as the machine has."""

    cpu: float
    memory_bytes: int
    disk_bytes: int


class UsageOut(Schema):
    running: bool
    limits: CeilingsOut
    now: SampleOut | None = Field(description="The newest sample; null when it does not run.")
    samples: list[SampleOut] = Field(description="Oldest first.")


@router.get("/sandboxes/{sandbox_id}/usage", response=UsageOut, summary="Get what it uses")
def get_usage(
    request: HttpRequest,
    sandbox_id: Text,
    seconds: float = Query(600, gt=0, le=3600, description="How far back; up to an hour."),
) -> Any:
    """Samples are taken every 2 seconds for 10 seconds after each of these calls, else every 15.

    So the first call of a series may show a sample that is 15 seconds old.
    """
    sandbox = finding.get_for(caller(request), sandbox_id)
    if sandbox.is_running:
        usage.watch(sandbox.pk)
    samples = [_shown(sample) for sample in usage.recent(sandbox, seconds)]
    most = usage.ceilings(sandbox)
    return {
        "running": sandbox.is_running,
        "limits": {"cpu": most.cpu, "memory_bytes": most.memory, "disk_bytes": most.disk},
        "now": samples[-1] if samples and sandbox.is_running else None,
        "samples": samples,
    }


def _shown(sample: usage.Sample) -> dict[str, Any]:
    return {
        "at": datetime.fromtimestamp(sample.at, UTC),
        "cpu": sample.cpu,
        "memory_bytes": sample.memory,
        "disk_bytes": sample.disk,
        "network_bytes_per_second": sample.network,
    }

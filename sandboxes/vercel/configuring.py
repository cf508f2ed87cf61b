"""Settings of a body, stored on a sandbox."""

from __future__ import annotations

from typing import Any

from sandboxes.models import Sandbox
from sandboxes.services import configuration, limits
from sandboxes.vercel import bodies, serializers

TAKEN_AS_THEY_ARE = {"ports", "persistent", "env", "tags"}


def configure(sandbox: Sandbox, data: bodies.Settings) -> None:
    """Store what a body gives; the rest stays as it is."""
    changes = data.model_dump(include=TAKEN_AS_THEY_ARE, exclude_none=True)
    if data.timeout is not None:
        changes["timeout"] = bodies.seconds(data.timeout)
    placement = serializers.known(
        region=data.region, failoverRegions=data.failover_regions, networkId=data.network_id
    )
    if data.resources and data.resources.vcpus:
        placement["vcpus"] = data.resources.vcpus
        changes["limits"] = _limits(data.resources.vcpus)
    if placement:
        changes["placement"] = placement
    if data.network_policy is not None:
        changes["network_policy"] = data.network_policy
    if data.mounts is not None:
        changes["mounts"] = {path: (one.drive, one.mode) for path, one in data.mounts.items()}
    configuration.apply(sandbox, **changes, **_retention(data))


def _retention(data: bodies.Settings) -> dict[str, Any]:
    """What is given about snapshots; keepLastSnapshots given as null clears the rule."""
    wishes: dict[str, Any] = {}
    if data.snapshot_expiration is not None:
        wishes["snapshot_expiration"] = bodies.seconds(data.snapshot_expiration)
    if "keep_last_snapshots" in data.model_fields_set:
        rule = data.keep_last_snapshots
        wishes["keep_last_snapshots"] = rule.rule() if rule else None
    return wishes


def _limits(vcpus: int) -> dict[str, float]:
    """A machine's size as limits, up to what the operator allows; larger wishes are only kept, so
    that a program that asks for more than this server has still runs on it."""
    wanted = {"memory_mb": float(vcpus * bodies.MEMORY_PER_VCPU), "cpus": float(vcpus)}
    return {name: min(value, limits.maximum(name) or value) for name, value in wanted.items()}

"""What a sandbox is set up with, given at its creation or changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from django.utils import timezone

from sandboxes.models import Sandbox
from sandboxes.services import environment, events, lifecycle, limits
from sandboxes.services.errors import SandboxError

MAX_TAGS = 5
MAX_TAG = 256


class Changes(TypedDict, total=False):
    """Only what is named is changed. `timeout` in seconds, of sessions yet to come."""

    tags: dict[str, str]
    env: dict[str, str]
    ports: list[int]
    timeout: int
    persistent: bool
    runtime: str
    image: str
    placement: dict[str, Any]
    limits: Mapping[str, float | None]


def change(sandbox: Sandbox, **changes: Unpack[Changes]) -> None:
    """Check and store. Raises SandboxError, and then nothing is stored."""
    values: dict[str, Any] = dict(changes)
    if "tags" in changes:
        _check_tags(changes["tags"])
    if "env" in changes:
        environment.checked(changes["env"])
    if "ports" in changes:
        values["ports"] = lifecycle.checked_ports(changes["ports"])
    if "timeout" in changes:
        lifecycle.checked_timeout(changes["timeout"])
    if "placement" in changes:
        values["placement"] = {**sandbox.placement, **changes["placement"]}
    if "limits" in changes:
        values["limits"] = {**sandbox.limits, **limits.checked(changes["limits"])}
    if not values:
        return
    Sandbox.objects.filter(pk=sandbox.pk).update(**values, updated_at=timezone.now())
    for name, value in values.items():
        setattr(sandbox, name, value)
    events.session_changed(sandbox)


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise SandboxError(f"A sandbox can have {MAX_TAGS} tags.", "Drop some.", code="invalid")
    for word in (*tags.keys(), *tags.values()):
        if len(word) > MAX_TAG or "\0" in word:
            raise SandboxError(f"A tag and its value have up to {MAX_TAG} characters each.")
    if "" in tags:
        raise SandboxError("A tag has a name.", "Give it one.")

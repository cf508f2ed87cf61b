"""What a sandbox is set up with: what may be given at its creation or changed afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.news import events
from sandboxes.services import environment, limits
from sandboxes.services.queues import queue_of
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

NAME = re.compile(r"[a-zA-Z0-9_-][a-zA-Z0-9 ._-]{0,127}")
MIN_TIMEOUT = 1
MAX_PORTS = 16
MAX_TAGS = 5
MAX_TAG = 256
LIMIT_JOB = "sandboxes.jobs.limit_session"


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
    """Check and store. Raises Refusal, and then nothing is stored."""
    values: dict[str, Any] = dict(changes)
    if "tags" in changes:
        _check_tags(changes["tags"])
    if "env" in changes:
        environment.checked(changes["env"])
    if "ports" in changes:
        values["ports"] = checked_ports(changes["ports"])
    if "timeout" in changes:
        checked_timeout(changes["timeout"])
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


def rename(sandbox: Sandbox, name: str) -> None:
    """Raises Refusal, code conflict, when another of the owner's bears the name."""
    check_name(name)
    try:
        with transaction.atomic():
            Sandbox.objects.filter(pk=sandbox.pk).update(name=name)
    except IntegrityError:
        raise Refusal(
            f"You have a sandbox named {name!r} already.", "Choose another name.", code="conflict"
        ) from None
    sandbox.name = name
    events.session_changed(sandbox)


def set_limits(sandbox: Sandbox, wanted: Mapping[str, float | None]) -> None:
    """Change some limits; None gives a default back. Memory, processes, processors, disk and
    output of a running sandbox change at once, the rest at its next start."""
    wishes = limits.checked(wanted)
    kept = {name: value for name, value in sandbox.limits.items() if name not in wanted}
    Sandbox.objects.filter(pk=sandbox.pk).update(limits={**kept, **wishes})
    sandbox.refresh_from_db()
    if sandbox.session and sandbox.session.status == SandboxSession.Status.RUNNING:
        enqueue(queue_of(sandbox.session), LIMIT_JOB, sandbox.session.id)


def set_times(
    sandbox: Sandbox, *, timeout: int | None = None, idle_timeout: int | None = None
) -> None:
    """Set how long sessions live, from the next one on, and after what time without activity
    the sandbox stops (0: never). None changes nothing. Raises Refusal."""
    if timeout is not None:
        sandbox.timeout = checked_timeout(timeout)
    if idle_timeout is not None:
        sandbox.idle_timeout = idle_timeout
    sandbox.save(update_fields=["timeout", "idle_timeout", "updated_at"])


def check_name(name: str) -> None:
    """Raise Refusal when no sandbox may be called that."""
    if not NAME.fullmatch(name):
        raise Refusal(
            f"{name!r} cannot be a sandbox's name.",
            "Use up to 128 letters, digits, spaces, dots, dashes and underscores.",
        )


def checked_ports(ports: Iterable[int]) -> list[int]:
    """The ports in order, when previews can show them. Raises Refusal."""
    found = sorted(set(ports))
    if len(found) > MAX_PORTS:
        raise Refusal(f"A sandbox may declare {MAX_PORTS} ports.", code="limit")
    for port in found:
        if not 1024 <= port <= 65535 or port == 3128:
            raise Refusal(
                f"Port {port} cannot be used.", "Choose ports from 1024 to 65535, not 3128."
            )
    return found


def checked_timeout(seconds: int) -> int:
    """The seconds, when a session may live so long. Raises Refusal."""
    if not MIN_TIMEOUT <= seconds <= settings.SANDBOX_TIMEOUT_MAX:
        raise Refusal(
            f"A sandbox cannot live {seconds} seconds.",
            f"Choose {MIN_TIMEOUT} to {settings.SANDBOX_TIMEOUT_MAX} seconds.",
        )
    return seconds


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise Refusal(f"A sandbox can have {MAX_TAGS} tags.", "Drop some.", code="invalid")
    for word in (*tags.keys(), *tags.values()):
        if len(word) > MAX_TAG or "\0" in word:
            raise Refusal(f"A tag and its value have up to {MAX_TAG} characters each.")
    if "" in tags:
        raise Refusal("A tag has a name.", "Give it one.")

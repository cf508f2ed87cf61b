"""What a sandbox is set up with: what may be wished at its creation or changed afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from sandboxes.engine.ports import IN_WORDS, is_usable
from sandboxes.host import runtimes
from sandboxes.models import Sandbox
from sandboxes.news import events
from sandboxes.services import drives, environment, limits, network, retention
from sandboxes.services.queues import queue_of
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

NAME = re.compile(r"[a-zA-Z0-9_-][a-zA-Z0-9 ._-]{0,127}")
MIN_TIMEOUT = 1
MAX_PORTS = 16
MAX_TAGS = 5
MAX_TAG = 256
LIMIT_JOB = "sandboxes.jobs.limit_session"


class Changes(TypedDict, total=False):
    """Only what is named is changed. Times in seconds; `idle_timeout` 0: never.

    `timeout` and `mounts`, {path: (drive, mode)}, are of sessions yet to come. `limits`: None
    gives a default back; memory, processes, processors, disk and output of a running sandbox
    change at once, the rest at its next start. `network_policy` in any form that
    services.network takes; a running sandbox follows it at once. The last two as
    services.retention says.
    """

    name: str
    tags: dict[str, str]
    env: dict[str, str]
    ports: Iterable[int]
    timeout: int
    idle_timeout: int
    persistent: bool
    runtime: str
    image: str
    placement: dict[str, Any]
    limits: Mapping[str, float | None]
    network_policy: Any
    mounts: Mapping[str, tuple[str, str]]
    snapshot_expiration: int | None
    keep_last_snapshots: Mapping[str, Any] | None


def apply(sandbox: Sandbox, *, wait: float = 0, **changes: Unpack[Changes]) -> None:
    """Check everything, then store it in one write. Raises Refusal, and then nothing is stored.

    Waits, `wait` seconds at most, until a new network policy is in force; never within a
    transaction, which would hold back the very job that is waited for.
    """
    values = checked(sandbox.owner, changes, sandbox)
    if not values:
        return
    seen = network.position(sandbox)
    try:
        with transaction.atomic():
            Sandbox.objects.filter(pk=sandbox.pk).update(**values, updated_at=timezone.now())
    except IntegrityError:
        raise Refusal(
            f"You have a sandbox named {values.get('name')!r} already.",
            "Choose another name.",
            code="conflict",
        ) from None
    for name, value in values.items():
        setattr(sandbox, name, value)
    events.session_changed(sandbox)
    if "limits" in values and sandbox.session and sandbox.is_running:
        enqueue(queue_of(sandbox.session), LIMIT_JOB, sandbox.session.id)
    if "network_policy" in values:
        network.put_into_force(sandbox, seen, wait)


def checked(owner: User, changes: Changes, sandbox: Sandbox | None = None) -> dict[str, Any]:
    """What is to be stored, by the fields of the row, of a sandbox that is there or to come.
    Raises Refusal."""
    values: dict[str, Any] = {}
    if changes.get("runtime"):
        runtimes.check_runtime(changes["runtime"])
    for name in ("idle_timeout", "persistent", "runtime", "image"):
        if name in changes:
            values[name] = changes[name]
    if "name" in changes:
        check_name(changes["name"])
        values["name"] = changes["name"]
    if "tags" in changes:
        _check_tags(changes["tags"])
        values["tags"] = changes["tags"]
    if "env" in changes:
        values["env"] = environment.checked(changes["env"])
    if "ports" in changes:
        values["ports"] = checked_ports(changes["ports"])
    if "timeout" in changes:
        values["timeout"] = checked_timeout(changes["timeout"])
    if "placement" in changes:
        before = sandbox.placement if sandbox else {}
        values["placement"] = {**before, **changes["placement"]}
    if "limits" in changes:
        wanted, own = changes["limits"], sandbox.limits if sandbox else {}
        kept = {name: value for name, value in own.items() if name not in wanted}
        values["limits"] = {**kept, **limits.checked(wanted)}
    if "network_policy" in changes:
        values["network_policy"] = network.checked(changes["network_policy"])
    if "mounts" in changes:
        values["mounts"] = drives.checked_mounts(owner, changes["mounts"], sandbox)
    if "snapshot_expiration" in changes:
        values["snapshot_expiration"] = retention.checked_expiration(changes["snapshot_expiration"])
    if "keep_last_snapshots" in changes:
        values["keep_last_snapshots"] = retention.checked_rule(changes["keep_last_snapshots"])
    return values


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
        if not is_usable(port):
            raise Refusal(f"Port {port} cannot be used.", f"Choose {IN_WORDS}.")
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

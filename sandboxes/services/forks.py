"""A new sandbox with the files and the settings of another one."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from sandboxes.models import Checkpoint, Sandbox, SandboxEvent, Snapshot
from sandboxes.news import event_log
from sandboxes.services import checkpoint_snapshots, creating, quotas, snapshots
from vibe.accounts.models import User

# The means of copying waits this long for a sandbox that is not started at once.
MEANS_KEPT = 86_400
LIKE_THE_SOURCE = ("tags", "runtime", "image", "persistent", "placement")


def fork(
    source: Sandbox,
    *,
    name: str = "",
    snapshot: Snapshot | None = None,
    checkpoint: Checkpoint | None = None,
    bare: bool = False,
    start: bool = True,
    by: User | None = None,
    **overrides: Any,
) -> Sandbox:
    """Create a sandbox like `source`, with its files as they are now or those of `snapshot`
    or of the version `checkpoint`; a `bare` one has no others. Of a version, `source` may be gone.

    `overrides` are arguments of create_sandbox that are to differ. Raises Refusal.
    """
    settings = {
        "ports": source.ports,
        "env": source.env,
        "timeout": source.timeout,
        "limits": source.limits,
        "network_policy": source.network_policy or None,
        **overrides,
    }
    with transaction.atomic():
        quotas.take_turn(source.owner_id)
        if checkpoint is not None:
            snapshot = checkpoint_snapshots.create(checkpoint, MEANS_KEPT)
        elif snapshot is None and not bare and source.session is not None:
            snapshot = snapshots.create(
                source, method=Snapshot.Method.FORK, expiration=MEANS_KEPT, by=by
            )
        sandbox = creating.create_sandbox(
            source.owner, name=name, snapshot=snapshot, start=start, **settings
        )
        sandbox.snapshot_expiration = source.snapshot_expiration
        sandbox.keep_last_snapshots = source.keep_last_snapshots
        sandbox.idle_timeout = source.idle_timeout
        for name in LIKE_THE_SOURCE:
            setattr(sandbox, name, getattr(source, name))
        sandbox.save(update_fields=[
            "snapshot_expiration", "keep_last_snapshots", "idle_timeout", *LIKE_THE_SOURCE
        ])  # fmt: skip
    event_log.record(source, SandboxEvent.Kind.LIFECYCLE, f"Copied to the sandbox {sandbox.name}.")
    event_log.record(
        sandbox, SandboxEvent.Kind.LIFECYCLE, f"Made as a copy of the sandbox {source.name}."
    )
    return sandbox

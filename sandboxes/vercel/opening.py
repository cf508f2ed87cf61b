"""Sandboxes on their way to running: new ones, copies, and those that are resumed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction

from sandboxes.host import runtimes
from sandboxes.models import Sandbox, Snapshot
from sandboxes.services import (
    configuration,
    creating,
    finding,
    lifecycle,
    snapshot_lineage,
    snapshots,
    sources,
    waiting,
)
from sandboxes.vercel import bodies, serializers
from sandboxes.vercel.configuring import configure
from sandboxes.vercel.errors import ProtocolError, bad_request
from vibe.accounts.models import User
from vibe.data.database import in_thread
from vibe.refusal import Refusal

DEFAULT_TIMEOUT_MS = 300_000
START_SECONDS = 60.0
STOP_SECONDS = 60.0


def fresh(user: User, sandbox_id: str) -> Sandbox:
    return finding.list_for(user).get(pk=sandbox_id)


def created(user: User, data: bodies.Create) -> Sandbox:
    if data.runtime is not None:
        runtimes.check_runtime(data.runtime)
    if data.image is not None:
        runtimes.check_image(data.image)
    source = data.source
    if source is not None and source.type != "snapshot":
        sources.check(source.fetched())
    with transaction.atomic(), name_is_free(data.name):
        sandbox = creating.create_sandbox(
            user,
            name=data.name or "",
            timeout=bodies.seconds(data.timeout or DEFAULT_TIMEOUT_MS),
            snapshot=usable(user, source.snapshot_id) if source and source.snapshot_id else None,
            idle_timeout=0,
            start=False,
            preview_access=settings.VERCEL_PREVIEW_ACCESS,
        )
        configure(sandbox, data)
        configuration.apply(
            sandbox,
            runtime=data.runtime or "",
            image=data.image or "",
            placement={"project": data.project_id},
        )
        resume(sandbox)
    return sandbox


@contextmanager
def name_is_free(name: str | None) -> Iterator[None]:
    """Tell of a name that is taken as the clients expect it."""
    try:
        yield
    except Refusal as error:
        if error.code == "conflict" and name:
            raise bad_request(
                f"A sandbox with the name '{name}' already exists for this project."
            ) from error
        raise


def usable(user: User, snapshot_id: str) -> Snapshot:
    """The snapshot, while it has files; clients make a new sandbox when it has none."""
    snapshot = snapshots.get_for(user, snapshot_id)
    if snapshot.status not in Snapshot.KEPT:
        raise ProtocolError(410, "snapshot_not_found", f"The snapshot {snapshot_id} is gone.")
    return snapshot


def is_unsaved(sandbox: Sandbox) -> bool:
    """Whether a stopped sandbox keeps files that no snapshot holds, as its session ended without
    one. Clients are to see them as if there was one."""
    if sandbox.session is None or sandbox.session.status in lifecycle.STARTED:
        return False
    if not sandbox.persistent or sandbox.next_snapshot_id is not None:
        return False
    newest = snapshot_lineage.newest_of(sandbox)
    return newest is None or not snapshot_lineage.has_all(sandbox, newest)


def resume(sandbox: Sandbox) -> None:
    """Ask for a session.

    What is not persistent begins anew, or with the snapshot that was made of it by hand. What is
    goes on with its files, unless the snapshot that they were saved as is gone: then clients make
    another sandbox.
    """
    current = sandbox.current_snapshot
    snapshot = sandbox.next_snapshot or (None if sandbox.persistent else current)
    if snapshot is not None:
        usable(sandbox.owner, snapshot.id)
    elif current is not None and not sandbox.is_live and snapshot_lineage.has_all(sandbox, current):
        usable(sandbox.owner, current.id)
    lifecycle.resume(sandbox, snapshot=snapshot)


async def when_running(
    user: User, sandbox_id: str, source: bodies.Source | None = None, *, legacy: bool = False
) -> dict[str, Any]:
    """The sandbox once it runs and holds its source; one that cannot is deleted again."""
    # Slower than this, it is told as pending: an error would have clients create another.
    await waiting.settled(sandbox_id, START_SECONDS)
    sandbox = await in_thread(fresh, user, sandbox_id)
    try:
        if sandbox.status == Sandbox.Status.FAILED:
            reason = sandbox.session.error if sandbox.session else ""
            raise bad_request(f"The sandbox could not start. {reason}".strip())
        if source is not None and source.type != "snapshot":
            fetch = await in_thread(
                sources.fill, sandbox, source.fetched(), by=user, subdirectory=not legacy
            )
            await in_thread(sources.check_filled, await waiting.finished(fetch.id))
    except (ProtocolError, Refusal):
        await in_thread(lifecycle.delete, sandbox)
        raise
    return await in_thread(lambda: serializers.whole(fresh(user, sandbox_id)))

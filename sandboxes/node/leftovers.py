"""Giving back the disk and the sockets of what is gone, also when a crash came in between."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from sandboxes.engine import AgentClient, EngineError, SandboxGone, SandboxHandle, skeleton
from sandboxes.engine.trees.removing import remove_tree
from sandboxes.host import isolation, shares, toolchains, versions
from sandboxes.models import Checkpoint, Sandbox, SandboxSession, Snapshot, WarmSandbox
from sandboxes.node import checkpoint_files, holds, sessions, snapshot_files
from sandboxes.services import snapshots

# An agent gives its processes two seconds to end.
END_SECONDS = 10.0


def remove_sandbox(sandbox_id: str) -> None:
    """Remove what a deleted sandbox has left on the disk, once its last snapshot is made."""
    sandbox = Sandbox.objects.select_related("session").get(pk=sandbox_id)
    if sandbox.deleted_at is None:
        return
    for session in SandboxSession.objects.filter(sandbox=sandbox, status__in=SandboxSession.LIVE):
        sessions.stop(session.id)
    for snapshot in Snapshot.objects.filter(sandbox=sandbox, status=Snapshot.Status.CREATING):
        snapshot_files.make(snapshot.id)
    snapshots.delete_all_of(sandbox, automatic=True)
    with holds.exclusive(sandbox_id):
        snapshot_files.discard(shares.root_of(sandbox))
    checkpoint_files.prune(sandbox_id)  # those stay that somebody still keeps


def sweep() -> None:
    """Remove what belongs to nothing that is there any more; meant for the node's worker."""
    sandboxes, snapshots = settings.DATA_DIR / "sandboxes", settings.DATA_DIR / "snapshots"
    for path in (*_cut_off(sandboxes), *_cut_off(snapshots)):
        remove_tree(path)
    kept = versions.directory()
    for path in _cut_off(kept):
        remove_tree(path)
    for name in _without_sandbox(_names(kept)):
        snapshot_files.discard(kept / name)
    for sandbox_id in _deleted_sandboxes(_names(sandboxes)):
        remove_sandbox(sandbox_id)
    for snapshot_id in _lost_snapshots(_names(snapshots)):
        with holds.exclusive(snapshot_id):
            snapshot_files.discard(snapshots / snapshot_id)
    _end_forgotten()


def prune_shared() -> None:
    """Remove what sandboxes shared before something on this machine changed, while none runs."""
    if not isolation.root_of_its_own():
        return
    running = SandboxSession.objects.filter(status__in=SandboxSession.LIVE)
    if running.exists() or WarmSandbox.objects.exists():
        return
    root = toolchains.system() or Path("/")
    skeleton.prune(settings.DATA_DIR / "shared", root)


def _cut_off(directory: Path) -> list[Path]:
    """What a removal, a copy or a restore has left that did not come to its end."""
    found = []
    for name in _names(directory):
        for prefix in (
            snapshot_files.MAKING,
            snapshot_files.REMOVING,
            snapshot_files.RESTORING,
        ):
            # PREFIX + id, or PREFIX + id + "-" and random characters.
            if name.startswith(prefix) and not _is_busy(name.removeprefix(prefix)):
                found.append(directory / name)
    return found


def _is_busy(name: str) -> bool:
    owner = name.rpartition("-")[0] or name
    if holds.is_held(owner):
        return True
    snapshot = Snapshot.objects.filter(pk=owner).first()
    return snapshot is not None and holds.is_held(snapshot.sandbox_id or owner)


def _deleted_sandboxes(names: list[str]) -> list[str]:
    rows = Sandbox.objects.filter(pk__in=names).exclude(deleted_at=None)
    return [row.pk for row in rows if not holds.is_held(row.pk)]


def _without_sandbox(names: list[str]) -> list[str]:
    """Repositories of versions that nobody keeps any more, or whose sandbox has no row."""
    visible = [name for name in names if not name.startswith(".")]
    kept = Q(deleted_at=None) | Exists(Checkpoint.objects.filter(sandbox=OuterRef("pk")))
    there = Sandbox.objects.filter(kept, pk__in=visible).values_list("pk", flat=True)
    return [name for name in visible if name not in set(there) and not holds.is_held(name)]


def _lost_snapshots(names: Iterable[str]) -> list[str]:
    """Directories of snapshots that are deleted or that no row knows."""
    visible = [name for name in names if not name.startswith(".")]
    kept = set(
        Snapshot.objects.filter(pk__in=visible, status__in=Snapshot.KEPT).values_list(
            "pk", flat=True
        )
    )
    return [name for name in visible if name not in kept]


def end_unrecorded(session: SandboxSession) -> None:
    """End the sandbox of a session that a worker has started without living to record it."""
    path = settings.RUN_DIR / f"{session.id.removeprefix('sbx_')}.sock"
    deadline = time.monotonic() + END_SECONDS
    while path.exists() and time.monotonic() < deadline:
        if not _end(path):
            return
        time.sleep(0.05)


def _end_forgotten() -> None:
    """End sandboxes that still answer though their session is over: nobody else would."""
    sockets = {path.stem: path for path in settings.RUN_DIR.glob("*.sock")}
    over = SandboxSession.objects.filter(pk__in=[f"sbx_{name}" for name in sockets])
    for session in over.exclude(status__in=SandboxSession.LIVE):
        _end(sockets[session.id.removeprefix("sbx_")])


def _end(path: Path) -> bool:
    """Ask the agent at that socket to end its sandbox; False when nobody is there."""
    try:
        AgentClient(SandboxHandle("", 0, 0, "", str(path), None, "")).shutdown()
    except SandboxGone:
        path.unlink(missing_ok=True)
        return False
    except EngineError:
        pass  # it is ending, or does not answer now
    return True


def _names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()] if directory.is_dir() else []

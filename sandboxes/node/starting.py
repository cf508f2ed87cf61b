"""What has to happen before a requested session can start."""

from __future__ import annotations

from collections.abc import Callable

from sandboxes.host import runtime_packages, runtimes, shares
from sandboxes.models import SandboxEvent, SandboxSession, Snapshot
from sandboxes.news import event_log
from sandboxes.node import checkpoint_files, holds, leftovers, sessions, snapshot_files
from sandboxes.services import finding, snapshots
from vibe.data.prepared import Prepared
from vibe.refusal import Refusal

Status = SandboxSession.Status

_pending = Prepared(
    lambda session: SandboxSession.objects.select_related(
        "sandbox__owner", "source_snapshot"
    ).filter(pk=session, status=Status.PENDING)
)


def start(
    session_id: str,
    before_running: sessions.Prepare | None = None,
    when_running: Callable[[SandboxSession], None] | None = None,
) -> SandboxSession | None:
    """Start a requested session once the one before is over and its files are in place.

    The other two are called as sessions.start says. None when it is not wanted any more or could
    not start; the row says why.
    """
    session = _pending.first(session_id)
    if session is None:
        return None
    if not _has_its_runtime(session):
        return None
    source = session.source_snapshot
    if source is not None and source.status == Snapshot.Status.CREATING:
        snapshot_files.make(source.id)
    with holds.exclusive(session.sandbox_id):
        session = _pending.first(session_id)
        if session is None:
            return None
        _clear_the_way(session)
        try:
            if session.source_snapshot is not None:
                snapshot_files.bring(session)
            elif not session.sandbox.persistent:
                snapshot_files.discard(shares.root_of(session.sandbox))
        except (Refusal, OSError) as error:
            sessions.ended(
                session_id, Status.FAILED, SandboxSession.StopReason.START_FAILED, str(error)
            )
            return None
        started = sessions.start(session, before_running, when_running)
    if source is not None and source.method == Snapshot.Method.FORK and started is not None:
        snapshots.delete(source)
    return started


def _has_its_runtime(session: SandboxSession) -> bool:
    """Fetch what is not here yet; when that fails, the session has."""
    name = session.sandbox.runtime
    if not runtimes.is_to_be_fetched(name):
        return True
    kind = SandboxEvent.Kind.LIFECYCLE
    event_log.record(session.sandbox, kind, f"Fetching {name}, once for all sandboxes …")
    try:
        runtimes.check_runtime(name)
        runtime_packages.fetch(name)
    except (Refusal, OSError) as error:
        text = f"{error} {getattr(error, 'hint', '')}".strip()
        sessions.ended(session.id, Status.FAILED, SandboxSession.StopReason.START_FAILED, text)
        return False
    event_log.record(session.sandbox, kind, f"{name} is here.")
    return True


def _clear_the_way(session: SandboxSession) -> None:
    """End what is left of earlier sessions, and save what was to be saved of them."""
    if finding.is_first(session):
        leftovers.end_unrecorded(session)
        return
    earlier = SandboxSession.objects.filter(
        sandbox=session.sandbox_id, status__in=SandboxSession.LIVE
    )
    for other in earlier.exclude(pk=session.pk):
        sessions.stop(other.id)
    leftovers.end_unrecorded(session)
    checkpoint_files.finish(session.sandbox)
    asked = Snapshot.objects.filter(
        sandbox=session.sandbox_id,
        status=Snapshot.Status.CREATING,
        created_at__lte=session.requested_at,
    )
    for snapshot in asked.order_by("created_at"):
        snapshot_files.make_held(snapshot.id)

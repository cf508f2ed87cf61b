"""What snapshots and sandboxes came from."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from sandboxes.models import Sandbox, Snapshot


def newest_of(sandbox: Sandbox) -> Snapshot | None:
    """What the sandbox was last saved as or taken from: one that is being made for the end of its
    last session, else its current snapshot, deleted or not."""
    ending = Snapshot.objects.filter(
        sandbox=sandbox,
        session=sandbox.session_id,
        ends_session=True,
        status=Snapshot.Status.CREATING,
    )
    return ending.order_by("-created_at").first() or sandbox.current_snapshot


def has_all(sandbox: Sandbox, snapshot: Snapshot) -> bool:
    """Whether the snapshot was made at the end of the sandbox's last session, so that the
    sandbox has no other files."""
    return snapshot.ends_session and snapshot.session_id == sandbox.session_id


def ancestors(snapshot: Snapshot, limit: int) -> list[Snapshot]:
    """What it came from, the nearest first."""
    found: list[Snapshot] = []
    seen = {snapshot.pk}
    while snapshot.parent_id and snapshot.parent_id not in seen and len(found) < limit:
        parent = Snapshot.objects.select_related("sandbox").get(pk=snapshot.parent_id)
        seen.add(parent.pk)
        found.append(parent)
        snapshot = parent
    return found


def descendants(snapshot: Snapshot, limit: int) -> list[Snapshot]:
    """What came from it, level by level, oldest first."""
    found: list[Snapshot] = []
    level: Iterable[Snapshot] = [snapshot]
    while len(found) < limit:
        below = Snapshot.objects.filter(parent__in=list(level)).exclude(pk=snapshot.pk)
        level = list(below.select_related("sandbox").order_by("created_at", "pk")[:limit])
        if not level:
            break
        found += level
    return found[:limit]


def siblings(snapshot: Snapshot) -> QuerySet[Snapshot]:
    """The others that came from the same parent, newest first; none for one without."""
    if snapshot.parent_id is None:
        return Snapshot.objects.none()
    return Snapshot.objects.filter(parent=snapshot.parent_id).exclude(pk=snapshot.pk)

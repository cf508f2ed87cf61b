"""Which snapshots go: those whose time is over, and those beyond the last few of a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from sandboxes.models import Sandbox, Snapshot
from sandboxes.services import snapshots
from sandboxes.services.snapshot_checks import check_expiration
from vibe.refusal import Refusal

MAX_KEPT = 100


def checked_expiration(seconds: int | None) -> int | None:
    """Seconds that a sandbox's snapshots are kept, 0 for good, None for the platform's default.
    Raises Refusal."""
    if seconds is not None:
        check_expiration(seconds)
    return seconds


def checked_rule(rule: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """How many of a sandbox's snapshots stay: {"count", "expiration" (seconds from the making of
    each that stays; 0 for good), "delete_evicted"}; None keeps all. Snapshots that are there
    already are looked at when the next one is made. Raises Refusal."""
    if rule is None:
        return None
    count, expiration = rule.get("count"), rule.get("expiration")
    if type(count) is not int or not 1 <= count <= MAX_KEPT:
        raise Refusal(
            f"{count!r} snapshots cannot be kept.", f"Choose a count from 1 to {MAX_KEPT}."
        )
    checked: dict[str, Any] = {"count": count}
    if expiration is not None:
        check_expiration(expiration)
        checked["expiration"] = expiration
    checked["delete_evicted"] = bool(rule.get("delete_evicted", True))
    return checked


def keep_last(sandbox: Sandbox) -> None:
    """Apply the sandbox's `keep_last_snapshots` after one was made; without such a rule, the
    platform's own to those that were made by themselves."""
    sandbox.refresh_from_db()
    rule = sandbox.keep_last_snapshots
    made = Snapshot.objects.filter(sandbox=sandbox, status=Snapshot.Status.CREATED)
    made = made.exclude(method=Snapshot.Method.FORK).order_by("-created_at", "-pk")
    if not rule:
        kept = max(1, settings.STOP_SNAPSHOTS_KEPT)
        for snapshot in made.filter(method=Snapshot.Method.STOP)[kept:]:
            if snapshot.pk not in (sandbox.current_snapshot_id, sandbox.next_snapshot_id):
                snapshots.delete(snapshot, why=f"only the last {kept} of its kind are kept")
        return
    for place, snapshot in enumerate(made):
        if place < rule["count"]:
            if "expiration" in rule:
                _let_live(snapshot, rule["expiration"])
        elif rule.get("delete_evicted", True):
            snapshots.delete(snapshot, why=f"only the last {rule['count']} are kept")


def delete_expired() -> int:
    """Delete the snapshots of this node whose time is over; returns how many."""
    over = Snapshot.objects.filter(
        node=settings.NODE_NAME,
        status__in=[Snapshot.Status.CREATED, Snapshot.Status.FAILED],
        expires_at__lte=timezone.now(),
    )
    found = list(over)
    for snapshot in found:
        snapshots.delete(snapshot, why="its time was over")
    return len(found)


def _let_live(snapshot: Snapshot, seconds: int) -> None:
    later = snapshot.created_at + timedelta(seconds=seconds) if seconds else None
    Snapshot.objects.filter(pk=snapshot.pk).update(expires_at=later)

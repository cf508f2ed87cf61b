"""What takes most of an owner's quota, named so that a refusal says where to begin.

Each function gives words that end a hint, " (the largest is …)", or "" where there is nothing.
"""

from __future__ import annotations

from django.db.models import Count

from sandboxes.models import Command, Drive, Sandbox, SandboxSession, Snapshot
from sandboxes.services.amounts import in_words


def sandbox(owner_id: int) -> str:
    found = _sandbox(owner_id)
    return f": the largest is {found.name} with {in_words(found.disk_bytes)}" if found else ""


def running(owner_id: int) -> str:
    live = SandboxSession.objects.filter(
        sandbox__owner=owner_id, status__in=SandboxSession.LIVE
    ).select_related("sandbox")
    found = live.order_by("requested_at").first()
    return f": {found.sandbox.name} runs longest" if found else ""


def busiest(owner_id: int) -> str:
    active = Command.objects.filter(
        status__in=[Command.Status.QUEUED, Command.Status.RUNNING], sandbox__owner=owner_id
    )
    found = active.order_by().values("sandbox__name").annotate(n=Count("pk")).order_by("-n").first()
    return f": {found['n']} of them are in {found['sandbox__name']}" if found else ""


def snapshot(owner_id: int) -> str:
    found = _snapshot(owner_id)
    return f": the largest is {found} with {in_words(found.size_bytes)}" if found else ""


def drive(owner_id: int) -> str:
    found = _drive(owner_id)
    return f": the largest is {found.name} with {in_words(found.size_bytes)}" if found else ""


def anything(owner_id: int) -> str:
    """Of sandboxes, snapshots and drives the one that takes most."""
    box, saved, drive = _sandbox(owner_id), _snapshot(owner_id), _drive(owner_id)
    sizes = [
        *([(box.disk_bytes, f"the sandbox {box.name}")] if box else []),
        *([(saved.size_bytes, f"the snapshot {saved}")] if saved else []),
        *([(drive.size_bytes, f"the drive {drive.name}")] if drive else []),
    ]
    if not sizes:
        return ""
    size, name = max(sizes)
    return f": {name} takes most, {in_words(size)}"


def _sandbox(owner_id: int) -> Sandbox | None:
    mine = Sandbox.objects.filter(owner=owner_id, deleted_at=None)
    return mine.order_by("-disk_bytes", "created_at").first()


def _snapshot(owner_id: int) -> Snapshot | None:
    mine = Snapshot.objects.filter(owner=owner_id, status=Snapshot.Status.CREATED)
    return mine.exclude(method=Snapshot.Method.FORK).order_by("-size_bytes", "created_at").first()


def _drive(owner_id: int) -> Drive | None:
    mine = Drive.objects.filter(owner=owner_id, deleted_at=None)
    return mine.order_by("-size_bytes", "created_at").first()

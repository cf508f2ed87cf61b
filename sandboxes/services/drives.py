"""Drives: make, find, copy, delete; and which of them a sandbox mounts, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sandboxes.engine import mount_points
from sandboxes.host import isolation
from sandboxes.models import Drive, Sandbox, SandboxSession
from sandboxes.services import quotas
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
WRITE, SNAPSHOT = "read-write", "snapshot"
MODES = (WRITE, SNAPSHOT)
MAX_MOUNTS = 8
COPY_JOB, REMOVE_JOB = "sandboxes.jobs.copy_drive", "sandboxes.jobs.remove_drive"

FREE = Q(session=None) | ~Q(session__status__in=SandboxSession.LIVE)


def get_or_create(
    user: User, name: str, *, max_size_bytes: int | None = None, placement: dict[str, Any]
) -> tuple[Drive, bool]:
    """The user's drive of that name, and whether this call made it. Raises Refusal.

    A size beyond what the operator allows is cut to that; one that is there keeps its own.
    """
    _check_name(name)
    if found := list_for(user).filter(name=name).first():
        return found, False
    most = settings.DRIVE_MAX_MB << 20
    try:
        with transaction.atomic():
            quotas.take_turn(user.pk)
            quotas.check_drive(user.pk)
            size = min(max_size_bytes or most, most)
            return (
                Drive.objects.create(
                    owner=user, name=name, max_size_bytes=size, placement=placement
                ),
                True,
            )
    except IntegrityError:  # another call made it in the meantime
        return get_for(user, name), False


def list_for(user: User) -> QuerySet[Drive]:
    return Drive.objects.filter(owner=user, deleted_at=None).select_related("session__sandbox")


def get_for(user: User, name_or_id: str) -> Drive:
    """The user's drive by id or name. Raises Refusal, code not_found."""
    found = list_for(user).filter(Q(pk=name_or_id) | Q(name=name_or_id)).first()
    if found is None:
        raise Refusal(
            f"There is no drive {name_or_id!r}.", "List yours to see what there is.", "not_found"
        )
    return found


def fork(drive: Drive, name: str) -> Drive:
    """A new drive with the files of `drive`, copied in the background. Raises Refusal."""
    _check_name(name)
    _check_ready(drive)
    try:
        with transaction.atomic():
            quotas.take_turn(drive.owner_id)
            quotas.check_drive(drive.owner_id, drive.size_bytes)
            copy = Drive.objects.create(
                owner=drive.owner,
                name=name,
                status=Drive.Status.COPYING,
                max_size_bytes=drive.max_size_bytes,
                size_bytes=drive.size_bytes,
                placement=drive.placement,
                parent=drive,
                root=drive.root or drive,
            )
            enqueue(settings.SANDBOX_QUEUE, COPY_JOB, copy.pk)
    except IntegrityError:
        raise Refusal(
            f"You have a drive named {name!r} already.", "Choose another name.", "conflict"
        ) from None
    return copy


def delete(drive: Drive) -> None:
    """Give up a drive with all its files. Raises Refusal, code conflict, while a sandbox
    has it mounted to write."""
    changed = (
        Drive.objects.filter(FREE, pk=drive.pk, deleted_at=None)
        .exclude(status=Drive.Status.COPYING)
        .update(deleted_at=timezone.now())
    )
    if not changed:
        raise Refusal(
            f"The drive {drive.name} is in use.",
            "Stop the sandbox that has it mounted, then delete it.",
            "conflict",
        )
    enqueue(settings.SANDBOX_QUEUE, REMOVE_JOB, drive.pk)


def checked_mounts(
    owner: User, wanted: Mapping[str, tuple[str, str]], sandbox: Sandbox | None = None
) -> dict[str, dict[str, str]]:
    """The stored form of mounts, {path: (drive, mode)}, of a sandbox that is there or to come.

    Raises Refusal, code conflict for a drive that another sandbox writes to now.
    """
    if len(wanted) > MAX_MOUNTS:
        raise Refusal(f"A sandbox can mount {MAX_MOUNTS} drives.", "Leave some out.")
    stored: dict[str, dict[str, str]] = {}
    for path, (name, mode) in sorted(wanted.items()):
        if reason := mount_points.problem(path):
            raise Refusal(
                f"A drive cannot be mounted at {path!r}: {reason}.",
                "Choose a path such as /data, or one within the workspace.",
            )
        if any(path.startswith(f"{other}/") for other in stored):
            raise Refusal(f"{path} lies within another mount.", "Mount them side by side.")
        if mode not in MODES:
            raise Refusal(f"{mode!r} is no way to mount.", f"Use {' or '.join(MODES)}.")
        drive = get_for(owner, name)
        if mode == WRITE:
            if any(one["id"] == drive.pk and one["mode"] == WRITE for one in stored.values()):
                raise Refusal(f"The drive {drive} is to be written at two places.")
            _check_free(drive, sandbox)
        _check_ready(drive)
        stored[path] = {"id": drive.pk, "drive": drive.name, "mode": mode}
    if stored and not isolation.engine().level.mounts:
        raise Refusal(
            "Drives cannot be mounted here: that takes isolation of the level full.",
            "python3 manage.py doctor says what this machine lacks for it.",
        )
    return stored


def paths_in(sandbox: Sandbox, drive: Drive, *modes: str) -> list[str]:
    """Where the sandbox mounts the drive, in these modes alone if any are named."""
    wanted = modes or MODES
    return [
        path
        for path, one in sorted(sandbox.mounts.items())
        if one["id"] == drive.pk and one["mode"] in wanted
    ]


def mounted_by(drive: Drive) -> list[tuple[Sandbox, str, str]]:
    """Each (sandbox, path, mode) that mounts the drive in its sessions, by the sandbox's name."""
    # No query of JSON values under unknown keys is the same on both databases.
    owned = Sandbox.objects.filter(owner=drive.owner_id, deleted_at=None).exclude(mounts={})
    return [
        (sandbox, path, sandbox.mounts[path]["mode"])
        for sandbox in owned.order_by("name", "pk")
        for path in paths_in(sandbox, drive)
    ]


def check_mountable(sandbox: Sandbox) -> None:
    """Raise Refusal when a session that starts now could not have its mounts."""
    for one in sandbox.mounts.values():
        drive = get_for(sandbox.owner, one["id"])
        if one["mode"] == WRITE:
            _check_free(drive, sandbox)


def bytes_of_copies(sandbox: Sandbox) -> int:
    """What the read-only copies of drives will take that a session of the sandbox mounts."""
    copied = [one["id"] for one in sandbox.mounts.values() if one["mode"] == SNAPSHOT]
    if not copied:
        return 0
    sizes = dict(Drive.objects.filter(pk__in=copied).values_list("pk", "size_bytes"))
    return sum(sizes.get(drive, 0) for drive in copied)


def _check_free(drive: Drive, sandbox: Sandbox | None) -> None:
    holder = drive.attached_to
    if holder is not None and (sandbox is None or holder.sandbox_id != sandbox.pk):
        raise Refusal(
            f"The drive {drive.name} is attached to the sandbox {holder.sandbox.name}.",
            f"Stop that one, or mount a {SNAPSHOT} of the drive.",
            "conflict",
        )


def _check_ready(drive: Drive) -> None:
    if drive.status != Drive.Status.READY:
        raise Refusal(
            f"The drive {drive.name} is {drive.get_status_display()}. {drive.error}".strip(),
            "Wait for it, or use another.",
            "conflict",
        )


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Refusal(
            f"{name!r} cannot be a drive's name.",
            "Use up to 128 letters, digits, dashes and underscores.",
        )

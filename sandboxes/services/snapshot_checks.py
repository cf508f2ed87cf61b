"""What may be asked of a snapshot; each refusal says why."""

from __future__ import annotations

from django.conf import settings

from sandboxes.models import Sandbox, Snapshot
from sandboxes.services import limits
from sandboxes.services.amounts import in_words
from vibe.accounts.models import User
from vibe.refusal import Refusal

MAX_NAME = 100
LONGEST = 10 * 366 * 86_400


def check_usable(snapshot: Snapshot, owner: User) -> None:
    """Raise Refusal unless a sandbox of the owner can start from it here."""
    if snapshot.owner_id != owner.pk:
        raise not_found()
    if snapshot.status not in Snapshot.KEPT:
        raise Refusal(
            f"The snapshot {snapshot} is {snapshot.get_status_display()}; it has no files.",
            "Choose another one.",
            code="not_found",
        )
    if snapshot.node != settings.NODE_NAME:
        raise Refusal(
            f"The snapshot {snapshot} lies on another machine ({snapshot.node}).",
            "Start the sandbox there.",
            code="unavailable",
        )


def size_of(snapshot: Snapshot) -> int:
    """Bytes that its files take; of one that is being made, those of its sandbox."""
    if snapshot.status == Snapshot.Status.CREATING and snapshot.sandbox is not None:
        return max(snapshot.size_bytes, snapshot.sandbox.disk_bytes)
    return snapshot.size_bytes


def check_fits(snapshot: Snapshot, sandbox: Sandbox) -> None:
    """Raise Refusal when its files are more than the sandbox may hold."""
    most, size = limits.of(sandbox).disk_bytes, size_of(snapshot)
    if size > most:
        raise Refusal(
            f"The snapshot {snapshot} holds {in_words(size)} of files, and the sandbox may hold "
            f"{in_words(most)}.",
            "Give the sandbox a higher disk_mb, or choose another snapshot.",
            code="limit",
        )


def not_found() -> Refusal:
    return Refusal("There is no such snapshot.", "List yours to see what there is.", "not_found")


def check_expiration(seconds: int) -> None:
    if not 0 <= seconds <= LONGEST:
        raise Refusal(
            f"A snapshot cannot be kept for {seconds} seconds.",
            f"Choose 1 to {LONGEST} seconds, or 0 to keep it until it is deleted.",
        )


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > MAX_NAME or not name.isprintable():
        raise Refusal(
            "That cannot be a snapshot's name.", f"Use up to {MAX_NAME} printable characters."
        )
    return name

"""Attachments for a message that is said once more: in another's place, or in a copy of its thread.

A copy is a row of its own and shares the bytes, so either may go without the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from chat.models import Attachment
from chat.services.attaching import stored_files
from chat.services.attaching.attachments import KEPT
from vibe.ids import new_id


def copies(
    files: Sequence[Attachment], *, owner_id: int, sandbox_id: str | None = None
) -> list[Attachment]:
    """A copy of each that is still there, which nobody has sent; to be called in a transaction.

    `sandbox_id`: the sandbox that has their files where those of the originals are, if one has.
    Raises Refusal(limit) when the owner keeps as many as one may.
    """
    made = []
    for one in files:
        copy = _copy(one, owner_id, sandbox_id)
        if copy is not None:
            made.append(copy)
    return made


def _copy(one: Attachment, owner_id: int, sandbox_id: str | None) -> Attachment | None:
    KEPT.check(owner_id)
    copy_id = new_id("att_")
    try:
        stored_files.share(one.pk, copy_id)
    except FileNotFoundError:
        return None
    is_there = bool(one.path and sandbox_id)
    return Attachment.objects.create(
        id=copy_id,
        owner_id=owner_id,
        copy_of_id=one.copy_of_id or one.pk,
        name=one.name,
        media_type=one.media_type,
        size=one.size,
        sha256=one.sha256,
        width=one.width,
        height=one.height,
        sandbox_id=sandbox_id if is_there else None,
        path=one.path if is_there else "",
    )

"""Files that are attached: received, looked at, counted towards what their owner may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import transaction

from chat.models import Attachment
from chat.services.attaching import stored_files
from chat.services.attaching.attachments import KEPT
from chat.services.attaching.file_names import safe
from chat.services.attaching.file_types import BINARY, TEXT
from chat.services.attaching.picture_size import HEAD, picture_size
from sandboxes.services import quotas
from vibe.accounts.models import User
from vibe.ids import new_id
from vibe.refusal import Refusal

MB = 1 << 20
# After so much the disk is looked at again while a content comes.
STEP = 16 * MB
PASTED = "Pasted text.txt"


def create(
    owner: User, name: str, content: Iterable[bytes], *, size: int | None = None
) -> Attachment:
    """Take a file in, as its content comes; it waits to be sent with a message.

    `size` is what its sender announced. Raises Refusal: too_large, limit (of the owner's number or
    disk space), unavailable (the disk is nearly full).
    """
    check_room(owner, size or 0)
    attachment_id = new_id("att_")
    try:
        came = stored_files.receive(attachment_id, _watched(content), _most())
    except stored_files.TooLarge:
        raise too_large() from None
    try:
        media_type, (width, height) = _picture(attachment_id, came.media_type)
        otherwise = "file.txt" if media_type == TEXT else "file"
        with transaction.atomic():
            KEPT.check(owner.pk)
            quotas.check_disk(owner.pk, came.size)
            return Attachment.objects.create(
                id=attachment_id,
                owner=owner,
                name=safe(name, otherwise=otherwise),
                media_type=media_type,
                size=came.size,
                sha256=came.sha256,
                width=width,
                height=height,
            )
    except BaseException:
        stored_files.remove(attachment_id)
        raise


def check_room(owner: User, size: int) -> None:
    """Raise Refusal when so much would be refused; before anything of it is read."""
    if size > _most():
        raise too_large()
    quotas.check_reserve()
    with transaction.atomic():
        KEPT.check(owner.pk)
        quotas.check_disk(owner.pk, size)


def _watched(content: Iterable[bytes]) -> Iterator[bytes]:
    passed = 0
    for block in content:
        passed += len(block)
        if passed >= STEP:
            quotas.check_reserve()
            passed = 0
        yield block


def _picture(attachment_id: str, media_type: str) -> tuple[str, tuple[int, int]]:
    """What merely begins like a picture is none."""
    if media_type not in Attachment.PICTURES:
        return media_type, (0, 0)
    size = picture_size(stored_files.beginning(attachment_id, HEAD), media_type)
    return (media_type, size) if size else (BINARY, (0, 0))


def _most() -> int:
    return int(settings.ATTACHMENT_MB) * MB


def too_large() -> Refusal:
    return Refusal(
        f"One attachment may have at most {settings.ATTACHMENT_MB} MB.",
        "Put larger files into the sandbox: by the panel Code, or by a command that fetches them.",
        "too_large",
    )

"""Puts what was sent into the workspace, so that commands can use it."""

from __future__ import annotations

import logging
from collections.abc import Collection
from hashlib import sha256

from django.db.models import Q

from chat.models import Attachment, Conversation
from chat.services.attaching import attachments
from sandboxes.models import Sandbox
from sandboxes.services import files
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

# So many files of one name there may be before one more is not put in.
NAMES_TRIED = 100


def place(conversation_id: str, *, waiting: Collection[str] = ()) -> tuple[list[str], str]:
    """Copy the attachments of the conversation that its sandbox has not got yet into it: those that
    were sent, and those of messages that are about to be (`waiting`, their ids).

    Returns the paths that were written, and why the rest was not ("" when all were). Nothing that
    is there is written over.
    """
    conversation = Conversation.objects.select_related("sandbox").get(pk=conversation_id)
    sandbox = conversation.sandbox
    if sandbox is None or sandbox.deleted_at is not None:
        return [], ""
    written: list[str] = []
    ready = Q(message__isnull=False) | Q(queued__in=waiting)
    missing = conversation.attachments.filter(ready).exclude(sandbox=sandbox)
    for one in missing.order_by("created_at", "id"):
        try:
            written.append(_placed(one, sandbox))
        except Refusal as refusal:
            logger.info("%s is not in %s: %s", one.pk, sandbox.pk, refusal)
            return written, refusal.message
    return written, ""


def _placed(attachment: Attachment, sandbox: Sandbox) -> str:
    for number in range(1, NAMES_TRIED + 1):
        path = attachments.path_for(attachment, number)
        try:
            files.write_file(sandbox, path, attachments.content(attachment), expect="")
        except Refusal as refusal:
            if refusal.code != "conflict":
                raise
            if not _is_there(attachment, sandbox, path):
                continue
        Attachment.objects.filter(pk=attachment.pk).update(sandbox=sandbox, path=path)
        return path
    raise Refusal(f"There are {NAMES_TRIED} files named {attachment.name}.", "Delete some.")


def _is_there(attachment: Attachment, sandbox: Sandbox, path: str) -> bool:
    """Whether the file there is this one: its message was said before, or its files were copied."""
    try:
        if files.stat(sandbox, path).size != attachment.size:
            return False
        digest = sha256()
        for block in files.in_words(files.open_file(sandbox, path)):
            digest.update(block)
    except Refusal:
        return False
    return digest.hexdigest() == attachment.sha256

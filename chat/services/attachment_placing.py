"""Puts what was sent into the workspace, so that commands can use it."""

from __future__ import annotations

import logging

from chat.models import Attachment, Conversation
from chat.services import attachments
from sandboxes.models import Sandbox
from sandboxes.services import files
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

# So many files of one name there may be before one more is not put in.
NAMES_TRIED = 100


def place(conversation_id: str) -> tuple[list[str], str]:
    """Copy the attachments of the conversation that its sandbox has not got yet into it.

    Returns the paths that were written, and why the rest was not ("" when all were). Nothing that
    is there is written over.
    """
    conversation = Conversation.objects.select_related("sandbox").get(pk=conversation_id)
    sandbox = conversation.sandbox
    if sandbox is None or sandbox.deleted_at is not None:
        return [], ""
    written: list[str] = []
    for one in conversation.attachments.exclude(sandbox=sandbox).order_by("created_at", "id"):
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
            if refusal.code == "conflict":
                continue
            raise
        Attachment.objects.filter(pk=attachment.pk).update(sandbox=sandbox, path=path)
        return path
    raise Refusal(f"There are {NAMES_TRIED} files named {attachment.name}.", "Delete some.")

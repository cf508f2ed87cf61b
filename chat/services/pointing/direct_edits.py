"""Changes that a person makes right in the page: one place of a file, a version, no model."""

from __future__ import annotations

from chat.models import Conversation, Version
from chat.services import titles, working
from chat.services.versioning import versions
from sandboxes.services import checkpoints
from sandboxes.services.elements import proposing
from sandboxes.services.elements.changing import Change
from sandboxes.services.elements.element import Element
from vibe.data.database import in_thread
from vibe.refusal import Refusal

SAVE_SECONDS = 10.0
WORDS = (("text", "Text"), ("style", "Style"), ("src", "Picture"))


async def make(
    conversation: Conversation, element: Element, change: Change, version: str
) -> Version:
    """Write the change over that version of its file; the workspace's version that comes of it.

    What was changed by hand before becomes a version of its own first, so that undoing this takes
    back this alone. Raises Refusal: conflict (the file says something else by now, its place is not
    certain, a turn is under way), not_found (no sandbox).
    """
    sandbox_id = await in_thread(_begin, conversation)
    await checkpoints.settled(sandbox_id, SAVE_SECONDS)
    made = await in_thread(_write, conversation, element, change, version)
    await checkpoints.settled(sandbox_id, SAVE_SECONDS)
    return await in_thread(lambda: versions.get_for(conversation.owner, made.pk))


def _begin(conversation: Conversation) -> str:
    sandbox = conversation.sandbox
    if sandbox is None or sandbox.deleted_at is not None:
        raise Refusal("This conversation has no sandbox.", "Send a message first.", "not_found")
    working.refuse(conversation.pk, sandbox.pk)
    reason = Version.Reason.CHANGED
    versions.create(conversation, reason=reason, title=versions.OUTSIDE, only_if_changed=True)
    return sandbox.pk


def _write(conversation: Conversation, element: Element, change: Change, version: str) -> Version:
    sandbox = conversation.sandbox
    assert sandbox is not None
    working.refuse(conversation.pk, sandbox.pk)
    proposal = proposing.apply(sandbox, element, change, version)
    made = versions.create(
        conversation, reason=Version.Reason.CHANGED, title=_title(change, proposal.path)
    )
    assert made is not None  # it has a sandbox that was started
    return made


def _title(change: Change, path: str) -> str:
    """Such as "Text changed in the page: index.html"."""
    changed = [word for name, word in WORDS if getattr(change, name)]
    return titles.clean(f"{' and '.join(changed).capitalize()} changed in the page: {path}")

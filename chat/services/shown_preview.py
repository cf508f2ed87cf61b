"""Which port and path of its sandbox a conversation shows."""

from __future__ import annotations

from chat.models import Conversation
from sandboxes.engine.ports import is_usable
from vibe.refusal import Refusal

LONGEST = 2000


def remember(conversation: Conversation, port: int, path: str) -> None:
    """Keep them for the next time that the conversation is opened. Raises Refusal."""
    if type(port) is not int or not is_usable(port):
        raise Refusal("There is no preview of this port.")
    if not isinstance(path, str) or not path.startswith("/") or len(path) > LONGEST:
        raise Refusal("This is no path of a preview.")
    if "\0" in path:
        raise Refusal("This is no path of a preview.")
    kept = {"port": port, "path": path}
    Conversation.objects.filter(pk=conversation.pk).update(preview=kept)
    conversation.preview = kept

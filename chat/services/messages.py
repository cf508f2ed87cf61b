"""What is said in a thread: messages of the person, as they may be kept, and answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.models import Attachment, Message, Part, Turn
from chat.services.attaching import attachments
from chat.services.storable import storable
from vibe.ids import new_id
from vibe.refusal import Refusal

MESSAGE_LIMIT = 100_000


@dataclass(frozen=True)
class Said:
    """What a message of the person is to hold: words, files that nobody has sent, or both."""

    text: str
    attached: Sequence[Attachment] = ()


def sound(text: str, attached: Sequence[Attachment] = ()) -> Said:
    """A message as it may be kept. Raises Refusal: invalid (it says nothing), limit (too long)."""
    text = storable(text).strip()
    if not text and not attached:
        raise Refusal("The message is empty.", "Write what you want first.", code="invalid")
    if len(text) > MESSAGE_LIMIT:
        raise Refusal(
            f"The message has {len(text):,} characters; {MESSAGE_LIMIT:,} is the limit.",
            "Attach what is long as a file.",
            code="limit",
        )
    return Said(text, attached)


def say(turn: Turn, said: Said, *, by_monitor: bool = False) -> Message:
    """Write what the person says, or the error monitor in that place, at the end of the thread.
    Raises Refusal(conflict): a file of it was sent before."""
    message = add(turn, Message.Role.USER, by_monitor=by_monitor)
    if said.text:
        Part.objects.create(
            message=message,
            position=0,
            kind=Part.Kind.TEXT,
            state=Part.State.DONE,
            text=said.text,
        )
    attachments.attach(message, said.attached)
    return message


def add(turn: Turn, role: str, *, pk: str | None = None, by_monitor: bool = False) -> Message:
    """A message without parts, at the end of the thread; `pk`: one that there was before."""
    last = turn.conversation.messages.order_by("-position").first()
    return Message.objects.create(
        pk=pk or new_id("msg_"),
        conversation=turn.conversation,
        turn=turn,
        role=role,
        by_monitor=by_monitor,
        position=last.position + 1 if last else 0,
    )

"""The turn that a message "undo" asks for: no model, the version before is put back."""

from __future__ import annotations

from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_core import to_jsonable_python

from chat.models import Conversation, Part, Turn, Version
from chat.services.attaching import attachments
from chat.services.context import history
from chat.services.journal import Journal
from chat.services.versioning import versions
from sandboxes.models import Checkpoint
from sandboxes.services import checkpoints
from vibe.refusal import Refusal

RESTORE_SECONDS = 120.0


def is_asked_for(turn: Turn) -> bool:
    """Whether it asks for nothing but that; who brings files along wants something of them."""
    return versions.is_undo(history.request_of(turn)) and not attachments.of_turn(turn)


def run(turn: Turn) -> None:
    """Put the version before back, and say so in the turn's answer."""
    journal = Journal(turn)
    part = journal.open(Part.Kind.TEXT)
    status = Turn.Status.COMPLETED
    try:
        if turn.mode == Conversation.Mode.PLAN:
            raise Refusal(
                "This conversation is in plan mode, in which no file changes.",
                "Switch to Build below, and say undo once more.",
            )
        versions.save_before(turn)
        made = versions.undo(turn)
        said = _said(made, checkpoints.wait(made.checkpoint, RESTORE_SECONDS))
    except Refusal as error:
        said = f"{error.message} {error.hint}".strip()
    journal.add_text(part, said)
    journal.change(part, state=Part.State.DONE)
    journal.finish(status, history=_heard(turn, said))


def _said(made: Version, checkpoint: Checkpoint) -> str:
    target = made.restores
    if checkpoint.status != Checkpoint.Status.MADE or target is None:
        reason = checkpoint.error or "it takes longer than usual"
        return f"The files could not be put back: {reason} They are as they were."
    title = f" ({target.title})" if target.title else ""
    return (
        f"Undone: the files are those of version {target.number}{title} again. "
        "What was there before is kept as a version too, so nothing is lost."
    )


def _heard(turn: Turn, said: str) -> list[Any]:
    """For the model, which goes on from here."""
    asked = ModelRequest(parts=[UserPromptPart(history.request_of(turn))])
    messages: list[ModelMessage] = [asked, ModelResponse(parts=[TextPart(said)])]
    found: list[Any] = to_jsonable_python(ModelMessagesTypeAdapter.dump_python(messages))
    return found

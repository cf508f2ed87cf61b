"""Earlier attempts: an answer made anew, a message said otherwise, and the way back."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from chat.api.schemas import TurnOut, TurnStarted
from chat.services import messages, turns
from chat.services.branching import attempts
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))
MODEL = "Default: the conversation's."


class RegenerateIn(JsonObject):
    model: Text = Field("", max_length=200, description=MODEL)
    files: Literal["keep", "restore"] = Field(
        "keep", description="`restore` puts the files back as they were before the turn."
    )


class ResendIn(RegenerateIn):
    message: Text = Field(
        max_length=messages.MESSAGE_LIMIT,
        description="May be empty where the message has attachments, which stay with it.",
    )
    message_id: Text = Field(
        "",
        max_length=40,
        description="Which message of the person in the turn; default: the one that it answers.",
    )


@router.post("/turns/{slug:turn_id}/regenerate", response={202: TurnStarted}, summary="Answer anew")
def regenerate_turn(request: HttpRequest, turn_id: str, data: RegenerateIn | None = None) -> Any:
    """Only the last turn. What it has said is set aside and kept: see `superseded_by_id`."""
    data = data or RegenerateIn(model="", files="keep")
    turn = turns.get_for(caller(request), turn_id)
    restore = data.files == "restore"
    return Status(202, attempts.regenerate(turn, model=data.model, restore_files=restore))


@router.post(
    "/turns/{slug:turn_id}/resend", response={202: TurnStarted}, summary="Edit a message and resend"
)
def resend_turn(request: HttpRequest, turn_id: str, data: ResendIn) -> Any:
    """The conversation goes on from there: this turn and those after it are set aside and kept."""
    user = caller(request)
    turn = turns.get_for(user, turn_id)
    message = attempts.message_for(turn, data.message_id)
    restore = data.files == "restore"
    made = attempts.resend(message, data.message, model=data.model, restore_files=restore)
    return Status(202, made)


@router.post("/turns/{slug:turn_id}/bring-back", response=TurnOut, summary="Bring an attempt back")
def bring_back_turn(request: HttpRequest, turn_id: str) -> Any:
    """The turns that were set aside together with this one are the conversation again, and those
    that took their place are set aside. Files stay as they are."""
    return attempts.bring_back(turns.get_for(caller(request), turn_id))

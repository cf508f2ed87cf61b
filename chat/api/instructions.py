"""What a user tells the model in all conversations."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from chat.services.context import user_instructions
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))


class InstructionsOut(Schema):
    text: str


class InstructionsIn(JsonObject):
    text: Text = Field(max_length=user_instructions.LIMIT, description="Empty: none.")


@router.get("/instructions", response=InstructionsOut, summary="Read your instructions")
def get_instructions(request: HttpRequest) -> Any:
    return {"text": user_instructions.of(caller(request))}


@router.put("/instructions", response=InstructionsOut, summary="Change your instructions")
def change_instructions(request: HttpRequest, data: InstructionsIn) -> Any:
    return {"text": user_instructions.change(caller(request), data.text)}

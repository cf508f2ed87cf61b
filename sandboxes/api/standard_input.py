"""Writing to a command that was started with `stdin`."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from sandboxes.services import commands, standard_input
from vibe.api.authentication import access, caller
from vibe.api.fields import BIGGEST, JsonObject, Text
from vibe.refusal import Refusal

router = Router(auth=access("run"))


class StdinIn(JsonObject):
    text: Text | None = Field(None, max_length=1_048_576, examples=["yes\n"])
    data: str | None = Field(
        None, max_length=1_400_000, description="Bytes as base64, instead of `text`."
    )
    offset: int | None = Field(
        None,
        ge=0,
        le=BIGGEST,
        description="Where this begins in all that is written. Bytes that the command has already"
        " are skipped, so a write may be repeated when its answer was lost.",
    )
    close: bool = Field(False, description="End the input behind this.")


class StdinOut(Schema):
    written: int = Field(description="Bytes that the command has taken in all.", examples=[4])
    open: bool


@router.post("/commands/{slug:command_id}/stdin", response=StdinOut, summary="Write to a command")
def write_stdin(request: HttpRequest, command_id: str, data: StdinIn) -> Any:
    """Answers when the command has taken everything; 504 after 30 s without a read.

    Without text, data and close it only tells how far the input has come.
    """
    command = commands.get_for(caller(request), command_id)
    content = _content(data)
    if content or data.close:
        written = standard_input.write(command, content, offset=data.offset, close=data.close)
        return {"written": written, "open": not data.close}
    state = standard_input.state(command)
    return {"written": state.written, "open": state.open}


def _content(data: StdinIn) -> bytes:
    if data.text is not None and data.data is not None:
        raise Refusal("A write has text or data, not both.", "Leave one out.", "invalid")
    if data.text is not None:
        return data.text.encode()
    try:
        return base64.b64decode(data.data or "", validate=True)
    except (ValueError, binascii.Error):
        raise Refusal("data is not base64.", "Encode the bytes, or send text.", "invalid") from None

"""A change of an element of the page, made without a model."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from chat.api.versions import VersionOut
from chat.services import conversations
from chat.services.pointing import direct_edits
from sandboxes.api.element_schemas import ElementChangeIn
from vibe.api.authentication import access, caller
from vibe.api.fields import Text
from vibe.api.later import later

router = Router(auth=access("chat"))


class DirectEditIn(ElementChangeIn):
    version: Text = Field(
        min_length=1, max_length=200, description="Of the file, as the shown change says it."
    )


@router.post(
    "/conversations/{slug:conversation_id}/elements/change",
    response={201: VersionOut},
    summary="Change an element in its source",
)
def change_element(request: HttpRequest, conversation_id: str, data: DirectEditIn) -> Any:
    """Exactly the one place that `elements/change` of the sandbox has shown; no model is asked. 409
    where the file was changed meanwhile, the place is not certain, or a turn is under way. Answers
    with the version that comes of it."""
    conversation = conversations.get_for(caller(request), conversation_id)
    element, change = data.element.element(), data.change()
    return later(
        VersionOut,
        lambda: direct_edits.make(conversation, element, change, data.version),
        status=201,
    )

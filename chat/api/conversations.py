"""Conversations: begin, read, change, delete."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from chat.api.schemas import Approval, ConversationDetail, ConversationOut, Mode
from chat.providers import EFFORTS
from chat.services import conversations
from chat.services.offered_models import choices
from vibe.api.authentication import access, caller
from vibe.api.fields import NO_NUL, Before, JsonObject, Limit, Text
from vibe.api.pagination import PAGE, Page, paginate

router = Router(auth=access("chat"))
Title = Annotated[
    str, Query(max_length=200, pattern=NO_NUL, description="Only with this in the title.")
]

Archived = Annotated[bool, Query(description="Those that are put away.")]


class ConversationIn(JsonObject):
    title: Text = Field("", max_length=200, description="Made of the first message when empty.")
    model: Text = Field(
        "", max_length=200, description="See GET /api/v1/models.", examples=["demo"]
    )


class ConversationPatch(JsonObject):
    title: Text | None = Field(None, max_length=200)
    model: Text | None = Field(None, max_length=200)
    effort: Literal["", *EFFORTS] | None = None  # type: ignore[valid-type]  # the one list of them
    fix_errors: bool | None = None
    mode: Mode | None = Field(None, description="In plan mode nothing is changed.")
    approval: Approval | None = Field(
        None,
        description="Before which steps the model asks; what was allowed for the whole "
        "conversation is asked for anew.",
    )
    archived: bool | None = Field(None, description="Puts it away, or back into the list.")


@router.get("/conversations", response=Page[ConversationOut], summary="List conversations")
def list_conversations(
    request: HttpRequest,
    limit: Limit = PAGE,
    before: Before = "",
    title: Title = "",
    archived: Archived = False,
) -> Any:
    """Those that are not archived, or with `archived` those that are; the latest first."""
    rows = conversations.list_for(caller(request), archived=archived)
    if title:
        rows = rows.filter(title__icontains=title)
    return paginate(rows, by="updated_at", limit=limit, before=before)


@router.post("/conversations", response={201: ConversationOut}, summary="Begin a conversation")
def create_conversation(request: HttpRequest, data: ConversationIn | None = None) -> Any:
    title, model = (data.title, data.model) if data else ("", "")
    made = conversations.create(caller(request), title=title, model=model)
    return Status(201, made)


@router.get(
    "/conversations/{slug:conversation_id}",
    response=ConversationDetail,
    summary="Read a conversation",
)
def get_conversation(request: HttpRequest, conversation_id: str) -> Any:
    """With its messages in order and the parts of each."""
    found = conversations.get_for(caller(request), conversation_id)
    prefetch_related_objects(
        [found], "turns__questions", "messages__parts", "messages__attachments"
    )
    return found


@router.patch(
    "/conversations/{slug:conversation_id}",
    response=ConversationOut,
    summary="Change title, model, effort, mode, approval, archived",
)
def change_conversation(request: HttpRequest, conversation_id: str, data: ConversationPatch) -> Any:
    user = caller(request)
    found = conversations.get_for(user, conversation_id)
    if data.title is not None:
        conversations.rename(found, data.title)
    if (data.model, data.effort, data.fix_errors) != (None, None, None):
        choices.choose(found, model=data.model, effort=data.effort, fix_errors=data.fix_errors)
    if data.mode is not None:
        conversations.choose_mode(found, data.mode)
    if data.approval is not None:
        conversations.choose_approval(found, data.approval)
    if data.archived is not None:
        (conversations.archive if data.archived else conversations.unarchive)(found)
    return conversations.get_for(user, conversation_id)


@router.delete(
    "/conversations/{slug:conversation_id}", response={204: None}, summary="Delete a conversation"
)
def delete_conversation(request: HttpRequest, conversation_id: str) -> Any:
    """Its sandbox stays."""
    conversations.delete(conversations.get_for(caller(request), conversation_id))
    return Status(204, None)

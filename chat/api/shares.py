"""Links to conversations, and remixes of what they show."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.api.schemas import ConversationOut
from chat.services import conversations
from chat.services.sharing import links, remixing, throttle
from vibe import client_address
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, JsonObject, Limit, Text
from vibe.api.pagination import PAGE, Page, paginate

router = Router(auth=access("chat"))


class ShareIn(JsonObject):
    expires_in: int = Field(
        7 * links.DAY, ge=1, le=2**31, description="Seconds that it lives.", examples=[604800]
    )
    remix: bool = Field(False, description="Others who are signed in may copy the files.")
    data: bool = Field(False, description="… and the app's data with them.")


class ShareOut(Schema):
    """A link to a conversation as it was at `created_at`."""

    id: str = Field(examples=["shr_4k2v9q0a7c1m5x8z3b6n"])
    conversation_id: str
    status: Literal["open", "revoked", "expired"]
    remix: bool = Field(validation_alias="may_remix")
    data: bool = Field(validation_alias="with_data")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ShareMade(ShareOut):
    url: str = Field(description="Told this once: only a digest of it is kept.")


class RemixIn(JsonObject):
    link: Text = Field(max_length=2_000, description="The link, or the word that it ends with.")
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="Its number; null: the last.")
    data: bool = Field(False, description="With the app's data, where the link allows that.")


@router.get(
    "/conversations/{slug:conversation_id}/shares",
    response=Page[ShareOut],
    summary="List links to a conversation",
)
def list_shares(
    request: HttpRequest, conversation_id: str, limit: Limit = PAGE, before: Before = ""
) -> Any:
    """Those too that have ended, with when and how."""
    conversation = conversations.get_for(caller(request), conversation_id)
    return paginate(links.list_for(conversation), by="created_at", limit=limit, before=before)


@router.post(
    "/conversations/{slug:conversation_id}/shares",
    response={201: ShareMade},
    summary="Share a conversation by a link",
)
def share_conversation(
    request: HttpRequest, conversation_id: str, data: ShareIn | None = None
) -> Any:
    """Whoever has the link reads what was said and done by now, with files and output; secrets
    that are known or look like some are left out. It is recorded in the sandbox's events."""
    user = caller(request)
    conversation = conversations.get_for(user, conversation_id)
    wanted = data or ShareIn.model_validate({})
    share, word = links.create(
        conversation,
        user,
        expires_in=wanted.expires_in,
        may_remix=wanted.remix,
        with_data=wanted.data,
    )
    share.url = links.address(word)  # type: ignore[attr-defined]  # told once, never kept
    return Status(201, share)


@router.delete(
    "/shares/{slug:share_id}", response=ShareOut, summary="Take a link to a conversation back"
)
def revoke_share(request: HttpRequest, share_id: str) -> Any:
    """At once and for good. The row stays and says when."""
    user = caller(request)
    return links.revoke(links.get_for(user, share_id), user)


@router.post("/remixes", response={201: ConversationOut}, summary="Remix a shared conversation")
def remix_conversation(request: HttpRequest, data: RemixIn) -> Any:
    """A new conversation and a sandbox of your own with the files of a version. Messages,
    environment, keys and files that hold secrets stay behind. 404 for a link that has ended, 403
    where it allows no remix."""
    user = caller(request)
    throttle.take(client_address.network_of(request))
    word = data.link.rstrip("/").rpartition("/")[2]
    return Status(201, remixing.remix(word, user, number=data.version, with_data=data.data))

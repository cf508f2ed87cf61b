"""API keys and who one is, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from vibe.accounts.services import api_keys, sandbox_tokens
from vibe.addresses import preview_origin
from vibe.api.authentication import access, caller, key_of
from vibe.api.fields import JsonObject, Text

router = Router()


class KeyIn(JsonObject):
    name: Text = Field("", max_length=100, examples=["Nightly build"])
    scopes: list[Text] = Field([], max_length=10, description="None: everything.")
    days: int | None = Field(None, ge=1, le=api_keys.LONGEST_DAYS, description="None: no end.")


class KeyOut(Schema):
    id: str
    name: str
    prefix: str = Field(description="Its first characters, to recognise it by.")
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class KeyMade(KeyOut):
    key: str = Field(description="The key itself: shown now and never again.")


class TokenMade(Schema):
    token: str = Field(description="Shown now and never again.")
    preview: str = Field(
        description="The form of the addresses of previews.",
        examples=["http://PORT-SANDBOX.vibe.localhost:8000"],
    )


class Keys(Schema):
    items: list[KeyOut]


class Me(Schema):
    username: str
    is_administrator: bool
    scopes: list[str] = Field(description="Of the key; empty means everything.")
    expires_at: datetime | None = Field(description="When the key stops working.")


@router.get("/me", response=Me, auth=access("read"), summary="Who am I")
def get_me(request: HttpRequest) -> Any:
    user, key = caller(request), key_of(request)
    return {
        "username": user.username,
        "is_administrator": user.is_superuser,
        "scopes": key.scopes if key else [],
        "expires_at": key.expires_at if key else None,
    }


@router.get("/keys", response=Keys, auth=access("admin"), summary="List API keys")
def list_keys(request: HttpRequest) -> Any:
    return {"items": list(api_keys.list_for(caller(request)))}


@router.post("/keys", response={201: KeyMade}, auth=access("admin"), summary="Make an API key")
def create_key(request: HttpRequest, response: HttpResponse, data: KeyIn) -> Any:
    """A key cannot make one that may do more than itself or works longer."""
    row, key = api_keys.create(
        caller(request), data.name, data.scopes, days=data.days, by=key_of(request)
    )
    response["Cache-Control"] = "private, no-store"
    shown = KeyOut.from_orm(row).model_dump()
    return Status(201, {**shown, "key": key})


@router.post(
    "/sandbox-tokens",
    response={201: TokenMade},
    auth=access("run"),
    summary="Make a token for sandbox work",
)
def create_sandbox_token(request: HttpRequest, response: HttpResponse) -> Any:
    """For the Vercel-compatible API: it may do what the key may do with sandboxes, and nothing
    else. It works for twelve hours, and no longer than the key."""
    key = key_of(request)
    if key is None:
        key = sandbox_tokens.key_for(caller(request), "Vercel clients")
    response["Cache-Control"] = "private, no-store"
    preview = preview_origin(settings.PUBLIC_URL, settings.PREVIEW_DOMAIN, "SANDBOX", "PORT")
    return Status(201, {"token": sandbox_tokens.issue(key), "preview": preview})


@router.delete(
    "/keys/{slug:key_id}", response={204: None}, auth=access("admin"), summary="Revoke an API key"
)
def revoke_key(request: HttpRequest, key_id: str) -> Any:
    api_keys.revoke(api_keys.get_for(caller(request), key_id))
    return Status(204, None)

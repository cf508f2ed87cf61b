"""Webhooks, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from vibe.api.authentication import access, caller
from vibe.api.fields import Before, JsonObject, Limit, Text
from vibe.api.pagination import PAGE, Page, paginate
from vibe.webhooks.services import deliveries, endpoints

router = Router(auth=access("admin"))


class WebhookIn(JsonObject):
    url: Text = Field(max_length=1000, examples=["https://example.org/hooks"])
    events: list[Text] = Field(
        [], max_length=50, description="None: all.", examples=[["command.finished"]]
    )


class WebhookOut(Schema):
    id: str
    url: str
    events: list[str]
    created_at: datetime
    failing_since: datetime | None = Field(description="When it stopped answering.")
    disabled_at: datetime | None = Field(description="When it was given up.")
    dropped: int = Field(description="Messages that it never gets: too many waited already.")
    dropping_since: datetime | None = Field(description="Since when new messages are dropped.")


class WebhookMade(WebhookOut):
    secret: str = Field(description="To check signatures with: shown now and never again.")


class Webhooks(Schema):
    items: list[WebhookOut]
    known_events: list[str]


class DeliveryOut(Schema):
    id: str = Field(description="The header webhook-id of the message.")
    event: str
    status: str = Field(description="pending, delivered or failed.")
    attempts: int
    response_status: int | None
    error: str
    payload: dict[str, Any]
    created_at: datetime
    next_at: datetime
    ended_at: datetime | None


@router.get("/webhooks", response=Webhooks, summary="List webhooks")
def list_webhooks(request: HttpRequest) -> Any:
    rows = list(endpoints.list_for(caller(request)))
    return {"items": rows, "known_events": list(endpoints.EVENTS)}


@router.post("/webhooks", response={201: WebhookMade}, summary="Make a webhook")
def create_webhook(request: HttpRequest, response: HttpResponse, data: WebhookIn) -> Any:
    """Messages are POSTed as `{"type", "timestamp", "data"}`, signed after Standard Webhooks
    (headers webhook-id, webhook-timestamp, webhook-signature), and tried again for a day."""
    made = endpoints.create(caller(request), data.url, data.events)
    response["Cache-Control"] = "private, no-store"
    return Status(201, made)


@router.post(
    "/webhooks/{slug:webhook_id}/enable", response=WebhookOut, summary="Switch a webhook on again"
)
def enable_webhook(request: HttpRequest, webhook_id: str) -> Any:
    found = endpoints.get_for(caller(request), webhook_id)
    endpoints.enable(found)
    return found


@router.delete("/webhooks/{slug:webhook_id}", response={204: None}, summary="Remove a webhook")
def delete_webhook(request: HttpRequest, webhook_id: str) -> Any:
    endpoints.remove(endpoints.get_for(caller(request), webhook_id))
    return Status(204, None)


@router.get(
    "/webhooks/{slug:webhook_id}/deliveries",
    response=Page[DeliveryOut],
    summary="Read the delivery log",
)
def list_deliveries(
    request: HttpRequest, webhook_id: str, limit: Limit = PAGE, before: Before = ""
) -> Any:
    rows = deliveries.list_for(endpoints.get_for(caller(request), webhook_id))
    return paginate(rows, by="created_at", limit=limit, before=before)

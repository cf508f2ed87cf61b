"""The event log of a sandbox, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from sandboxes.news import event_log
from sandboxes.services import finding
from vibe.api.authentication import access, caller
from vibe.api.fields import BIGGEST, Limit, Text
from vibe.api.pagination import PAGE

router = Router(auth=access("run"))

Kind = Literal["lifecycle", "network", "limit", "files", "snapshot", "access"]


class EventOut(Schema):
    id: int = Field(examples=[17])
    kind: Kind
    text: str = Field(examples=["Started in 0.1 s; isolation: full."])
    data: dict[str, Any] = Field(description="The same for programs; depends on the kind.")
    session_id: str | None
    created_at: datetime


class EventsOut(Schema):
    items: list[EventOut]
    next: int | None = Field(description="Send it as `before` to get the next page.")


@router.get("/sandboxes/{sandbox_id}/events", response=EventsOut, summary="List events")
def list_events(
    request: HttpRequest,
    sandbox_id: Text,
    kind: Kind | None = None,
    limit: Limit = PAGE,
    before: Annotated[int, Query(ge=1, le=BIGGEST, description="Older than this id.")] = BIGGEST,
) -> Any:
    """What happened to the sandbox, newest first: starts, ends, limits, network, snapshots,
    who may enter previews."""
    rows = event_log.list_for(finding.get_for(caller(request), sandbox_id))
    rows = rows.filter(pk__lt=before)
    if kind is not None:
        rows = rows.filter(kind=kind)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return {"items": found[:limit], "next": found[limit - 1].pk if more else None}

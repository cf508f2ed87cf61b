"""Pictures of an app's page, as it looks to the platform's own browser."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from sandboxes.services import finding, page_visits, portraits
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Port, Text
from vibe.api.later import later

router = Router(auth=access("run"))
JPEG = {
    "responses": {
        200: {
            "description": "The picture",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class PictureIn(JsonObject):
    port: Port = Field(examples=[3000])
    path: Text = Field("/", max_length=2000)
    width: int = Field(1280, ge=200, le=2000)
    height: int = Field(800, ge=200, le=2000)
    scroll_x: int = Field(0, ge=0, le=100_000)
    scroll_y: int = Field(0, ge=0, le=100_000)
    selector: Text = Field("", max_length=1000, description="Of an element for `crop`.")


class PictureOut(Schema):
    id: str = Field(examples=["visit_9z5b3n6k2v8q5a1c7m4x"])
    names: list[Literal["page", "crop"]]


@router.post(
    "/sandboxes/{sandbox_id}/pictures",
    response={201: PictureOut},
    summary="Take a picture of a page",
)
def take_picture(request: HttpRequest, sandbox_id: Text, data: PictureIn) -> Any:
    """By a browser that knows nothing of yours: it is signed in nowhere. 503 where the platform has
    none. Answers when the picture is there."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    visit = portraits.ask(
        sandbox,
        data.port,
        path=data.path,
        size=(data.width, data.height),
        scroll=(data.scroll_x, data.scroll_y),
        selector=data.selector,
    )

    async def found() -> dict[str, Any]:
        ended = await portraits.taken(visit)
        return {"id": ended.pk, "names": await portraits.names(ended)}

    return later(PictureOut, found, status=201)


@router.get("/pictures/{slug:picture_id}/{slug:name}", summary="Get a picture", openapi_extra=JPEG)
def get_picture(request: HttpRequest, picture_id: str, name: str) -> HttpResponse:
    """`page` or `crop`. Old ones are gone: 404."""
    data = page_visits.picture(caller(request), picture_id, name)
    return HttpResponse(data, content_type="image/jpeg")

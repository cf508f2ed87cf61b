"""Checks of what turns have left behind: a picture, and the check itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat.api.check_schemas import CheckOut
from chat.services.checking import checks, pictures
from vibe.api.authentication import access, caller

router = Router(auth=access("chat"))
JPEG = {
    "responses": {
        200: {
            "description": "The picture",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get("/checks/{slug:check_id}", response=CheckOut, summary="Get a check")
def get_check(request: HttpRequest, check_id: str) -> Any:
    """The same as `check` of its turn."""
    return checks.get_for(caller(request), check_id)


@router.get(
    "/checks/{slug:check_id}/pictures/{slug:name}",
    summary="Get a picture of a check",
    openapi_extra=JPEG,
)
def get_check_picture(request: HttpRequest, check_id: str, name: str) -> HttpResponse:
    """How the app looked: `after`, `before`, `small`, `before-small`. Old ones are gone: 404."""
    data = pictures.picture(caller(request), check_id, name)
    return HttpResponse(data, content_type="image/jpeg")

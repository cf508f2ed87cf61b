"""Drives by name: make or get, look, list, copy, delete."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.models import Drive
from sandboxes.services import drives, waiting
from sandboxes.vercel import bodies, cursors
from sandboxes.vercel.access import ApiKeyBearer, caller
from sandboxes.vercel.answers import later
from sandboxes.vercel.cursors import Cursor, Prefix, Size
from sandboxes.vercel.errors import bad_request
from sandboxes.vercel.serializers import DEFAULT_REGION, drive_out, known
from sandboxes.vercel.shapes import shown

router = Router(auth=ApiKeyBearer("run"))


@router.get(
    "/sandboxes/drives",
    summary="List drives",
    openapi_extra=shown(drives="Drive[]", pagination="Pagination"),
)
def list_drives(
    request: HttpRequest,
    limit: Size = 20,
    cursor: Cursor = "",
    sortBy: Literal["createdAt", "name", "updatedAt"] = "createdAt",
    sortOrder: Literal["asc", "desc"] = "desc",
    namePrefix: Prefix = "",
) -> dict[str, Any]:
    rows = drives.list_for(caller(request))
    if namePrefix:
        rows = rows.filter(name__startswith=namePrefix)
    column = {"createdAt": "created_at", "name": "name"}.get(sortBy, "updated_at")
    found, pagination = cursors.page(
        rows, by=column, ascending=sortOrder == "asc", limit=limit, cursor=cursor
    )
    return {"drives": [drive_out(drive) for drive in found], "pagination": pagination}


@router.post(
    "/sandboxes/drives/{name}",
    summary="Get or make a drive",
    openapi_extra=shown(200, 201, drive="Drive"),
)
def get_or_create(
    request: HttpRequest, name: str, data: bodies.MakeDrive | None = None
) -> HttpResponseBase:
    """201 when it was made, 200 when it was there."""
    data = data or bodies.MakeDrive.model_validate({})
    drive, made = drives.get_or_create(
        caller(request),
        name,
        max_size_bytes=data.max_size_bytes,
        placement=known(region=data.region, project=data.project_id),
    )
    here = drive.placement.get("region", DEFAULT_REGION)
    if data.region and data.region != here:
        raise bad_request(f"The drive {name} is in the region {here}, not in {data.region}.")
    return JsonResponse({"drive": drive_out(drive)}, status=201 if made else 200)


@router.get("/sandboxes/drives/{name}", summary="Get a drive", openapi_extra=shown(drive="Drive"))
def get(request: HttpRequest, name: str) -> dict[str, Any]:
    """By its name or its id."""
    return {"drive": drive_out(drives.get_for(caller(request), name))}


@router.delete(
    "/sandboxes/drives/{name}", summary="Delete a drive", openapi_extra=shown(drive="Drive")
)
def delete(request: HttpRequest, name: str) -> dict[str, Any]:
    """With all its files; 409 while a sandbox has it mounted to write."""
    drive = drives.get_for(caller(request), name)
    drives.delete(drive)
    return {"drive": drive_out(drive)}


@router.post(
    "/sandboxes/drives/{name}/fork", summary="Copy a drive", openapi_extra=shown(drive="Drive")
)
def fork(request: HttpRequest, name: str, data: bodies.ForkDrive) -> HttpResponseBase:
    copy = drives.fork(drives.get_for(caller(request), name), data.name)

    async def answer() -> dict[str, Any]:
        made = await waiting.drive_copied(copy)
        if made.status == Drive.Status.FAILED:
            raise bad_request(f"The drive could not be copied. {made.error}")
        return {"drive": drive_out(made)}

    return later(request, answer)

"""Drives: directories that outlive sandboxes and are mounted into them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from sandboxes.models import Drive
from sandboxes.services import drives
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, JsonObject, Limit, Text
from vibe.api.pagination import PAGE, Page, paginate

router = Router(auth=access("run"))


class DriveIn(JsonObject):
    name: Text = Field(min_length=1, max_length=128, examples=["data"])
    max_size_bytes: int | None = Field(None, ge=1, le=2**50, description="Default: the most.")


class DriveForkIn(JsonObject):
    name: Text = Field(min_length=1, max_length=128, examples=["data-copy"])


class DriveOut(Schema):
    id: str = Field(examples=["drv_9k2v7x0a4c1m5z8b3n6q"])
    name: str = Field(examples=["data"])
    status: Literal["copying", "ready", "failed"]
    error: str
    max_size_bytes: int
    sandbox_id: str | None = Field(description="The sandbox that has it mounted to write.")
    parent_id: str | None = Field(description="The drive that it was copied from.")
    created_at: datetime

    @staticmethod
    def resolve_sandbox_id(drive: Drive) -> str | None:
        return drive.attached_to.sandbox_id if drive.attached_to else None


@router.get("/drives", response=Page[DriveOut], summary="List drives")
def list_drives(request: HttpRequest, limit: Limit = PAGE, before: Before = "") -> Any:
    return paginate(drives.list_for(caller(request)), by="created_at", limit=limit, before=before)


@router.post("/drives", response={200: DriveOut, 201: DriveOut}, summary="Make or get a drive")
def create_drive(request: HttpRequest, data: DriveIn) -> Any:
    """201 when it was made, 200 when you have one of that name. Mount it with `mounts` when you
    create a sandbox or change one."""
    made, is_new = drives.get_or_create(
        caller(request), data.name, max_size_bytes=data.max_size_bytes, placement={}
    )
    return Status(201 if is_new else 200, made)


@router.get("/drives/{drive_id}", response=DriveOut, summary="Get a drive")
def get_drive(request: HttpRequest, drive_id: Text) -> Any:
    """By its id or its name."""
    return drives.get_for(caller(request), drive_id)


@router.delete("/drives/{drive_id}", response={204: None}, summary="Delete a drive")
def delete_drive(request: HttpRequest, drive_id: Text) -> Any:
    """With all its files; 409 while a sandbox has it mounted to write."""
    drives.delete(drives.get_for(caller(request), drive_id))
    return Status(204, None)


@router.post("/drives/{drive_id}/fork", response={202: DriveOut}, summary="Copy a drive")
def fork_drive(request: HttpRequest, drive_id: Text, data: DriveForkIn) -> Any:
    """The files are copied in the background; `status` tells when they are there."""
    return Status(202, drives.fork(drives.get_for(caller(request), drive_id), data.name))

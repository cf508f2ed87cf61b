"""Snapshots: make, list, look, change, restore, delete; and copies of sandboxes."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from sandboxes.api.schemas import LimitsIn, SandboxOut, SnapshotOut
from sandboxes.models import Sandbox, Snapshot
from sandboxes.services import finding, forks, snapshot_lineage, snapshots, waiting
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, Environment, JsonObject, Limit, Port, Text, Wait
from vibe.api.later import later
from vibe.api.pagination import PAGE, Page, paginate

router = Router(auth=access("run"))

Expiration = int | None
EXPIRATION = "Seconds that it is kept; 0: until it is deleted; left out: the default."


class SnapshotIn(JsonObject):
    name: Text = Field("", max_length=100, examples=["before the upgrade"])
    expiration: Expiration = Field(None, ge=0, le=2**31, description=EXPIRATION)
    stop: bool = Field(False, description="End the session for it, in place of a pause.")
    wait: Wait = 0


class SnapshotPatch(JsonObject):
    name: Text | None = Field(None, max_length=100, examples=["good state"])
    expiration: Expiration = Field(
        None, ge=0, le=2**31, description="Seconds from now that it is kept; 0: for good."
    )


class RestoreIn(JsonObject):
    snapshot: Text = Field(max_length=64, examples=["snap_4k2v9q0a7c1m5x8z3b6n"])
    wait: Wait = 0


class ForkIn(JsonObject):
    """What is left out is as in the original."""

    name: Text = Field("", max_length=64, description="Made up when empty.", examples=["copy"])
    snapshot: Text | None = Field(
        None, max_length=64, description="Files of this snapshot in place of the present ones."
    )
    ports: list[Port] | None = Field(None, max_length=32)
    env: Environment | None = None
    timeout: int | None = Field(None, ge=1, description="Seconds that a session lives.")
    limits: LimitsIn | None = None
    start: bool = Field(True, description="False: make it and do not start it yet.")
    wait: Wait = 0


class TreeOut(Schema):
    items: list[SnapshotOut]


def _mine(request: HttpRequest, snapshot_id: str) -> Snapshot:
    return snapshots.get_for(caller(request), snapshot_id)


def _sandbox(request: HttpRequest, sandbox_id: str) -> Sandbox:
    return finding.get_for(caller(request), sandbox_id)


@router.get("/snapshots", response=Page[SnapshotOut], summary="List snapshots")
def list_snapshots(request: HttpRequest, limit: Limit = PAGE, before: Before = "") -> Any:
    """Of all your sandboxes. Deleted ones stay in the list; they have no files."""
    rows = snapshots.list_for(caller(request))
    return paginate(rows, by="created_at", limit=limit, before=before)


@router.get("/snapshots/{snapshot_id}", response=SnapshotOut, summary="Get a snapshot")
def get_snapshot(request: HttpRequest, snapshot_id: Text) -> Any:
    return _mine(request, snapshot_id)


@router.patch("/snapshots/{snapshot_id}", response=SnapshotOut, summary="Change a snapshot")
def change_snapshot(request: HttpRequest, snapshot_id: Text, data: SnapshotPatch) -> Any:
    snapshot = _mine(request, snapshot_id)
    return snapshots.change(snapshot, name=data.name, expiration=data.expiration)


@router.delete("/snapshots/{snapshot_id}", response={204: None}, summary="Delete a snapshot")
def delete_snapshot(request: HttpRequest, snapshot_id: Text) -> Any:
    """Also one that is being made. Sandboxes that came from it keep their files."""
    snapshots.delete(_mine(request, snapshot_id))
    return Status(204, None)


@router.get("/snapshots/{snapshot_id}/tree", response=TreeOut, summary="What it came from")
def snapshot_tree(
    request: HttpRequest,
    snapshot_id: Text,
    direction: Literal["ancestors", "descendants"] = "ancestors",
    limit: Limit = PAGE,
) -> Any:
    """The snapshots it came from, the nearest first; or those that came from it."""
    snapshot = _mine(request, snapshot_id)
    follow = (
        snapshot_lineage.ancestors if direction == "ancestors" else snapshot_lineage.descendants
    )
    return {"items": follow(snapshot, limit)}


@router.get(
    "/sandboxes/{sandbox_id}/snapshots",
    response=Page[SnapshotOut],
    summary="List the snapshots of a sandbox",
)
def list_of_sandbox(
    request: HttpRequest, sandbox_id: Text, limit: Limit = PAGE, before: Before = ""
) -> Any:
    rows = snapshots.list_for(caller(request)).filter(sandbox=_sandbox(request, sandbox_id))
    return paginate(rows, by="created_at", limit=limit, before=before)


@router.post(
    "/sandboxes/{sandbox_id}/snapshots", response={201: SnapshotOut}, summary="Make a snapshot"
)
def make_snapshot(request: HttpRequest, sandbox_id: Text, data: SnapshotIn | None = None) -> Any:
    """Saves the files of the workspace, of HOME and of the system, installed packages included.

    A running sandbox stands still while they are copied and then goes on; with `stop` it ends.
    """
    data = data or SnapshotIn.model_validate({})
    snapshot = snapshots.create(
        _sandbox(request, sandbox_id),
        name=data.name,
        expiration=data.expiration,
        ends_session=data.stop,
        by=caller(request),
    )
    if data.wait:
        return later(SnapshotOut, lambda: waiting.snapshot_made(snapshot, data.wait), status=201)
    return Status(201, snapshot)


@router.post("/sandboxes/{sandbox_id}/restore", response=SandboxOut, summary="Restore a snapshot")
def restore_snapshot(request: HttpRequest, sandbox_id: Text, data: RestoreIn) -> Any:
    """Ends what runs, puts the snapshot's files in the place of the present ones, and starts."""
    sandbox = _sandbox(request, sandbox_id)
    snapshots.restore(sandbox, _mine(request, data.snapshot), by=caller(request))
    if data.wait:
        return later(SandboxOut, lambda: waiting.no_longer_starting(sandbox, data.wait))
    return _sandbox(request, sandbox.id)


@router.post("/sandboxes/{sandbox_id}/fork", response={201: SandboxOut}, summary="Copy a sandbox")
def fork_sandbox(request: HttpRequest, sandbox_id: Text, data: ForkIn | None = None) -> Any:
    """A new sandbox with the files and the settings of this one, which goes on as it is."""
    data = data or ForkIn.model_validate({})
    overrides: dict[str, Any] = data.dict(include={"ports", "env", "timeout"}, exclude_none=True)
    if data.limits is not None:
        overrides["limits"] = data.limits.dict()
    copy = forks.fork(
        _sandbox(request, sandbox_id),
        name=data.name,
        snapshot=_mine(request, data.snapshot) if data.snapshot else None,
        start=data.start,
        by=caller(request),
        **overrides,
    )
    if data.wait and data.start:
        return later(SandboxOut, lambda: waiting.no_longer_starting(copy, data.wait), status=201)
    return Status(201, copy)

"""Sandboxes: make, look, change, stop, resume, extend, delete."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from sandboxes.api.network import FORMS
from sandboxes.api.schemas import KeepLast, LimitsIn, Mount, SandboxOut
from sandboxes.models import Sandbox
from sandboxes.services import (
    configuration,
    creating,
    finding,
    lifecycle,
    network,
    servers,
    snapshots,
    waiting,
)
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, Environment, JsonObject, Limit, Port, Text, Wait
from vibe.api.later import later
from vibe.api.pagination import PAGE, Page, paginate
from vibe.later import Later

router = Router(auth=access("run"))

MOUNTS = "Drives by path, such as /data; of sessions to come."
# Null gives these back to their default; of the rest it changes nothing.
CLEARED_BY_NULL = {"snapshot_expiration", "keep_last_snapshots"}
RUNTIME = "Such as node24, which is then first on PATH; left out: what the server has."
IDLE = "Seconds without activity after which it stops; 0: never; left out: the platform's."


class SandboxIn(JsonObject):
    name: Text = Field("", max_length=128, description="Made up when empty.", examples=["todo-app"])
    ports: list[Port] = Field([], max_length=32, description="To preview.", examples=[[3000]])
    env: Environment = Field({}, description="Environment of every command; never shown again.")
    timeout: int | None = Field(None, ge=1, description="Seconds that a session lives.")
    limits: LimitsIn | None = None
    snapshot: Text | None = Field(
        None, max_length=64, description="Begin with the files of this snapshot."
    )
    idle_timeout: int | None = Field(None, ge=0, le=2**31, description=IDLE)
    runtime: Text | None = Field(None, max_length=32, description=RUNTIME, examples=["node24"])
    network_policy: Any = Field(None, description=f"Left out: the platform's. {FORMS}")
    mounts: dict[Text, Mount] = Field({}, description=MOUNTS)
    start: bool = Field(True, description="False: make it and do not start it yet.")
    wait: Wait = 0


class SandboxPatch(JsonObject):
    """What is left out stays as it is."""

    name: Text | None = Field(None, max_length=128, examples=["todo-app"])
    ports: list[Port] | None = Field(None, max_length=32, description="To preview.")
    env: Environment | None = Field(None, description="Of commands to come; in place of the old.")
    tags: dict[Text, Text] | None = Field(None, description="Up to five, in place of the old.")
    limits: LimitsIn | None = None
    network_policy: Any = Field(None, description=f"Holds at once. {FORMS}")
    timeout: int | None = Field(None, ge=1, description="Seconds that later sessions live.")
    idle_timeout: int | None = Field(None, ge=0, le=2**31, description=IDLE)
    mounts: dict[Text, Mount] | None = Field(None, description=MOUNTS)
    snapshot_expiration: int | None = Field(
        None, ge=0, le=2**31, description="Seconds that its snapshots are kept; null: the default."
    )
    keep_last_snapshots: KeepLast | None = Field(None, description="null keeps all.")


class ResumeIn(JsonObject):
    wait: Wait = 0
    servers: bool = Field(
        False, description="Also start the background commands that ran when it ended."
    )


class ExtendIn(JsonObject):
    seconds: int = Field(ge=1, le=86_400, description="Added to the time left.", examples=[600])


def asked(mounts: dict[str, Mount]) -> dict[str, tuple[str, str]]:
    """As services.drives takes it."""
    return {path: (one.drive, one.mode) for path, one in mounts.items()}


def fresh(request: HttpRequest, sandbox_id: Text) -> Sandbox:
    return finding.get_for(caller(request), sandbox_id)


def _once_started(sandbox: Sandbox, seconds: float, *, status: int = 200) -> Later:
    return later(SandboxOut, lambda: waiting.no_longer_starting(sandbox, seconds), status=status)


@router.get("/sandboxes", response=Page[SandboxOut], summary="List sandboxes")
def list_sandboxes(request: HttpRequest, limit: Limit = PAGE, before: Before = "") -> Any:
    rows = finding.list_for(caller(request)).select_related("session")
    return paginate(rows, by="created_at", limit=limit, before=before)


@router.post("/sandboxes", response={201: SandboxOut}, summary="Create a sandbox")
def create_sandbox(request: HttpRequest, data: SandboxIn) -> Any:
    """Makes and starts a sandbox. With `wait`, the answer comes when it runs or has failed, or
    when that time is over; `status` tells which."""
    user = caller(request)
    wishes: Any = data.dict(exclude={"snapshot", "start", "wait", "mounts"}, exclude_unset=True)
    sandbox = creating.create_sandbox(
        user,
        snapshot=snapshots.get_for(user, data.snapshot) if data.snapshot else None,
        start=data.start,
        **wishes,
        mounts=asked(data.mounts),
    )
    if data.wait and data.start:
        return _once_started(sandbox, data.wait, status=201)
    return Status(201, sandbox)


@router.get("/sandboxes/{sandbox_id}", response=SandboxOut, summary="Get a sandbox")
def get_sandbox(request: HttpRequest, sandbox_id: Text) -> Any:
    """By its id or its name."""
    return fresh(request, sandbox_id)


@router.patch("/sandboxes/{sandbox_id}", response=SandboxOut, summary="Change a sandbox")
def change_sandbox(request: HttpRequest, sandbox_id: Text, data: SandboxPatch) -> Any:
    """All of it or, with an error, nothing. Of one that runs, the limits of /tmp, open files and
    file size change at its next start."""
    sandbox = fresh(request, sandbox_id)
    changes: Any = data.dict(exclude_unset=True)
    for name in changes.keys() - CLEARED_BY_NULL:
        if changes[name] is None:
            del changes[name]
    if data.mounts is not None:
        changes["mounts"] = asked(data.mounts)
    seen = network.position(sandbox)
    configuration.apply(sandbox, **changes)
    if "network_policy" in changes and sandbox.is_live:
        return later(
            SandboxOut,
            lambda: waiting.policy_in_force(sandbox.id, seen, network.APPLY_SECONDS),
        )
    return fresh(request, sandbox.id)


@router.delete("/sandboxes/{sandbox_id}", response={204: None}, summary="Delete a sandbox")
def delete_sandbox(
    request: HttpRequest, sandbox_id: Text, with_snapshots: bool | None = None
) -> Any:
    """Stops it and deletes its files. Snapshots that were made when it stopped go with it, all of
    them with `with_snapshots=1`, none with `with_snapshots=0`."""
    sandbox = fresh(request, sandbox_id)
    with transaction.atomic():
        if with_snapshots is False:
            snapshots.keep_all_of(sandbox)
        elif with_snapshots:
            snapshots.delete_all_of(sandbox)
        lifecycle.delete(sandbox)
    return Status(204, None)


@router.post("/sandboxes/{sandbox_id}/stop", response=SandboxOut, summary="Stop a sandbox")
def stop_sandbox(request: HttpRequest, sandbox_id: Text) -> Any:
    """Ends its commands; its files stay. Stopping a stopped one changes nothing."""
    sandbox = fresh(request, sandbox_id)
    lifecycle.stop(sandbox, by=caller(request))
    return fresh(request, sandbox.id)


@router.post("/sandboxes/{sandbox_id}/resume", response=SandboxOut, summary="Resume a sandbox")
def resume_sandbox(request: HttpRequest, sandbox_id: Text, data: ResumeIn | None = None) -> Any:
    """Starts a stopped sandbox again, with its files."""
    sandbox = fresh(request, sandbox_id)
    if data is not None and data.servers:
        servers.resume(sandbox, by=sandbox.owner)
    else:
        lifecycle.resume(sandbox)
    if data is not None and data.wait:
        return _once_started(sandbox, data.wait)
    return fresh(request, sandbox.id)


@router.post("/sandboxes/{sandbox_id}/extend", response=SandboxOut, summary="Give more time")
def extend_sandbox(request: HttpRequest, sandbox_id: Text, data: ExtendIn) -> Any:
    sandbox = fresh(request, sandbox_id)
    lifecycle.extend(sandbox, data.seconds)
    return fresh(request, sandbox.id)

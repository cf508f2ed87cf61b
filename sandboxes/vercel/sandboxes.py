"""Sandboxes by name: create, look, list, change, delete."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import F
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from sandboxes.models import Sandbox
from sandboxes.services import finding, lifecycle, snapshots, waiting
from sandboxes.vercel import bodies, cursors, serializers
from sandboxes.vercel.access import ApiKeyBearer, caller
from sandboxes.vercel.answers import later
from sandboxes.vercel.configuring import configure
from sandboxes.vercel.cursors import Cursor, Prefix, Size
from sandboxes.vercel.errors import ProtocolError, bad_request
from sandboxes.vercel.opening import (
    START_SECONDS,
    STOP_SECONDS,
    created,
    fresh,
    resume,
    usable,
    when_running,
)
from sandboxes.vercel.shapes import shown
from vibe.accounts.models import User
from vibe.data.database import in_thread

router = Router(auth=ApiKeyBearer("run"))


@router.post(
    "/sandboxes",
    summary="Create a sandbox",
    openapi_extra=shown(sandbox="Sandbox", session="Session", routes="Route[]"),
)
def create(request: HttpRequest, data: bodies.Create) -> HttpResponseBase:
    user = caller(request)
    sandbox = created(user, data)
    return later(
        request,
        partial(when_running, user, sandbox.id, data.source, legacy=data.runtime is not None),
    )


@router.get(
    "/sandboxes",
    summary="List sandboxes",
    openapi_extra=shown(sandboxes="Sandbox[]", pagination="Pagination"),
)
def list_sandboxes(
    request: HttpRequest,
    limit: Size = 20,
    cursor: Cursor = "",
    sortBy: Literal["createdAt", "name", "statusUpdatedAt", "currentSnapshotId"] = "createdAt",
    sortOrder: Literal["asc", "desc"] = "desc",
    namePrefix: Prefix = "",
    tags: Annotated[str, Query(max_length=600)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
) -> dict[str, Any]:
    rows = finding.list_for(caller(request)).exclude(session=None)
    if namePrefix:
        rows = rows.filter(name__startswith=namePrefix)
    if status:
        rows = rows.filter(session__status=status)
    if tags:
        key, _, value = tags.partition(":")
        # By a transform of its own: a lookup path would take `__` in a tag for a part of it.
        rows = rows.annotate(tag=KeyTransform(key, "tags")).filter(tag=value)
    column = {"createdAt": "created_at", "name": "name"}.get(sortBy, "changed")
    if column == "changed":
        rows = rows.annotate(
            changed=Coalesce("session__stopped_at", "session__started_at", F("created_at"))
        )
    found, pagination = cursors.page(
        rows, by=column, ascending=sortOrder == "asc", limit=limit, cursor=cursor
    )
    return {
        "sandboxes": [serializers.sandbox_out(sandbox) for sandbox in found],
        "pagination": pagination,
    }


@router.get(
    "/sandboxes/{name}",
    summary="Get a sandbox, resumed if wanted",
    openapi_extra=shown(sandbox="Sandbox", session="Session", routes="Route[]", resumed="boolean"),
)
def get(request: HttpRequest, name: str, resume: bool = False) -> Any:
    user = caller(request)
    sandbox = finding.get_for(user, name)
    if not resume and sandbox.session is not None:
        return serializers.whole(sandbox, resumed=False)
    if sandbox.session is not None and sandbox.is_running and sandbox.session.status == "running":
        return serializers.whole(sandbox, resumed=False)
    return later(request, partial(_resumed, user, sandbox.id))


@router.patch(
    "/sandboxes/{name}",
    summary="Change a sandbox",
    openapi_extra=shown(sandbox="Sandbox", routes="Route[]?"),
)
def patch(request: HttpRequest, name: str, data: bodies.Patch) -> dict[str, Any]:
    user = caller(request)
    sandbox = finding.get_for(user, name)
    with transaction.atomic():
        configure(sandbox, data)
        if data.current_snapshot_id is not None:
            snapshots.choose(sandbox, usable(user, data.current_snapshot_id))
    answer: dict[str, Any] = {"sandbox": serializers.sandbox_out(fresh(user, sandbox.id))}
    if data.ports is not None:
        answer["routes"] = serializers.routes_out(sandbox)
    return answer


@router.delete(
    "/sandboxes/{name}", summary="Delete a sandbox", openapi_extra=shown(sandbox="Sandbox")
)
def delete(
    request: HttpRequest, name: str, deleteOrphanSnapshots: bool | None = None
) -> HttpResponseBase:
    """Snapshots that its stops made go with it, unless `deleteOrphanSnapshots` is false."""
    sandbox = finding.get_for(caller(request), name)
    with transaction.atomic():
        if deleteOrphanSnapshots is False:
            snapshots.keep_all_of(sandbox)
        lifecycle.delete(sandbox)
    if deleteOrphanSnapshots:
        snapshots.delete_all_of(sandbox)
    return later(request, partial(_deleted, sandbox.id))


async def _resumed(user: User, sandbox_id: str) -> dict[str, Any]:
    # A stop under way is waited for; then the row says what there is to do.
    before = await waiting.settled(sandbox_id, STOP_SECONDS)
    if before is None:
        raise ProtocolError(422, "sandbox_stopping", "The sandbox takes long to stop. Try again.")
    running = before.is_running
    if not running:
        await in_thread(resume, before)
        await waiting.settled(sandbox_id, START_SECONDS)

    def answer() -> dict[str, Any]:
        sandbox = fresh(user, sandbox_id)
        if sandbox.status == Sandbox.Status.FAILED:
            reason = sandbox.session.error if sandbox.session else ""
            raise bad_request(f"The sandbox could not start. {reason}".strip())
        return serializers.whole(sandbox, resumed=not running)

    return await in_thread(answer)


async def _deleted(sandbox_id: str) -> dict[str, Any]:
    await waiting.settled(sandbox_id, STOP_SECONDS)

    def answer() -> dict[str, Any]:
        sandbox = Sandbox.objects.select_related("session").get(pk=sandbox_id)
        return {"sandbox": serializers.sandbox_out(sandbox)}

    return await in_thread(answer)

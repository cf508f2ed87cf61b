"""Snapshots: made of a session, which ends for it; listed, walked, deleted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from sandboxes.models import SandboxSession, Snapshot
from sandboxes.services import history, snapshot_lineage, snapshots, waiting
from sandboxes.vercel import bodies, cursors
from sandboxes.vercel.access import ApiKeyBearer, caller, running
from sandboxes.vercel.answers import later
from sandboxes.vercel.cursors import Cursor, Size
from sandboxes.vercel.errors import bad_request
from sandboxes.vercel.opening import STOP_SECONDS
from sandboxes.vercel.serializers import session_out, snapshot_out
from sandboxes.vercel.shapes import shown
from vibe.accounts.models import User
from vibe.data.database import in_thread

router = Router(auth=ApiKeyBearer("run"))


@router.post(
    "/sandboxes/sessions/{session_id}/snapshot",
    summary="Make a snapshot",
    openapi_extra=shown(201, snapshot="Snapshot", session="Session"),
)
def create(
    request: HttpRequest, session_id: str, data: bodies.MakeSnapshot | None = None
) -> HttpResponseBase:
    """Ends the session. The next call on the sandbox starts another, with the files."""
    session, snapshot = asked(request, session_id, data)

    async def answer() -> HttpResponseBase:
        return JsonResponse(await made(session, snapshot), status=201)

    return later(request, answer)


def asked(
    request: HttpRequest, session_id: str, data: bodies.MakeSnapshot | None
) -> tuple[SandboxSession, Snapshot]:
    sandbox, session = running(request, session_id)
    expiration = data.expiration if data else None
    snapshot = snapshots.create(
        sandbox,
        expiration=None if expiration is None else bodies.seconds(expiration),
        ends_session=True,
        by=caller(request),
    )
    return session, snapshot


@router.get(
    "/sandboxes/snapshots",
    summary="List snapshots",
    openapi_extra=shown(snapshots="Snapshot[]", pagination="Pagination"),
)
def list_snapshots(
    request: HttpRequest,
    name: Annotated[str, Query(max_length=128)] = "",
    limit: Size = 20,
    cursor: Cursor = "",
    sortOrder: Literal["asc", "desc"] = "desc",
) -> dict[str, Any]:
    """Newest first, deleted ones too."""
    rows = visible(caller(request))
    if name:
        rows = rows.filter(sandbox__name=name)
    found, pagination = cursors.page(
        rows, by="created_at", ascending=sortOrder == "asc", limit=limit, cursor=cursor
    )
    return {"snapshots": [snapshot_out(row) for row in found], "pagination": pagination}


@router.get(
    "/sandboxes/snapshots/tree",
    summary="Walk up or down from a snapshot",
    openapi_extra=shown(snapshots="Node[]", anchor="Node", pagination="Pagination"),
)
def tree(
    request: HttpRequest,
    snapshotId: str,
    limit: Size = 20,
    sortOrder: Literal["asc", "desc"] = "desc",
) -> dict[str, Any]:
    """Its ancestors (desc) or its descendants (asc); `next` is the snapshot to go on from."""
    anchor = snapshots.get_for(caller(request), snapshotId)
    walk = snapshot_lineage.ancestors if sortOrder == "desc" else snapshot_lineage.descendants
    found = walk(anchor, limit + 1)
    more, found = len(found) > limit, found[:limit]
    return {
        "snapshots": [_node(snapshot) for snapshot in found],
        "anchor": _node(anchor),
        "pagination": {"count": len(found), "next": found[-1].id if more else None},
    }


@router.get(
    "/sandboxes/snapshots/{snapshot_id}",
    summary="Get a snapshot",
    openapi_extra=shown(snapshot="Snapshot"),
)
def get(request: HttpRequest, snapshot_id: str) -> dict[str, Any]:
    return {"snapshot": snapshot_out(snapshots.get_for(caller(request), snapshot_id))}


@router.delete(
    "/sandboxes/snapshots/{snapshot_id}",
    summary="Delete a snapshot",
    openapi_extra=shown(snapshot="Snapshot"),
)
def delete(request: HttpRequest, snapshot_id: str) -> dict[str, Any]:
    snapshot = snapshots.get_for(caller(request), snapshot_id)
    snapshots.delete(snapshot)
    return {"snapshot": snapshot_out(snapshot)}


def _node(snapshot: Snapshot) -> dict[str, Any]:
    beside = [snapshot_out(other) for other in snapshot_lineage.siblings(snapshot)[:100]]
    return {"snapshot": snapshot_out(snapshot), "siblings": beside, "count": str(len(beside))}


def visible(user: User) -> QuerySet[Snapshot]:
    """The snapshots that somebody asked for; not those that only were a means of copying."""
    return snapshots.list_for(user).exclude(method=Snapshot.Method.FORK)


async def made(session: SandboxSession, snapshot: Snapshot) -> dict[str, Any]:
    """`{snapshot, session}`, both at rest."""
    await waiting.settled(session.sandbox_id, STOP_SECONDS)
    now = await waiting.snapshot_made(snapshot)
    if now.status == Snapshot.Status.FAILED:
        raise bad_request(f"The snapshot could not be made. {now.error}")

    def answer() -> dict[str, Any]:
        ended = history.session_for(session.sandbox.owner, session.id)
        return {"snapshot": snapshot_out(now), "session": session_out(ended)}

    return await in_thread(answer)

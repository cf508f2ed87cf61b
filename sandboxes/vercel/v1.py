"""The first version of the protocol, in which a session is called a sandbox and has no name.

Every answer comes from the endpoints of the newer versions, under the old words.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Body, Router

from sandboxes.services import history
from sandboxes.vercel import (
    bodies,
    commands,
    cursors,
    files,
    opening,
    serializers,
    sessions,
    snapshots,
)
from sandboxes.vercel.access import ApiKeyBearer, caller, session_of
from sandboxes.vercel.answers import later
from sandboxes.vercel.cursors import Moment, Size
from sandboxes.vercel.shapes import bytes_shown, lines_shown, shown

router = Router(auth=ApiKeyBearer("run"))


@router.post(
    "/sandboxes",
    summary="Create a sandbox",
    openapi_extra=shown(sandbox="Session", routes="Route[]"),
)
def create(request: HttpRequest, data: bodies.Create) -> HttpResponseBase:
    user = caller(request)
    data.persistent = False
    sandbox = opening.created(user, data)

    async def answer() -> dict[str, Any]:
        return renamed(await opening.when_running(user, sandbox.id, data.source, legacy=True))

    return later(request, answer)


@router.get(
    "/sandboxes",
    summary="List sandboxes",
    openapi_extra=shown(sandboxes="Session[]", pagination="OldPagination"),
)
def list_sandboxes(
    request: HttpRequest, limit: Size = 20, since: Moment = 0, until: Moment = 0
) -> dict[str, Any]:
    """Newest first; `next` is the `until` of the page that follows."""
    rows = history.sessions_for(caller(request))
    found, pagination = cursors.dated_page(
        rows, by="requested_at", limit=limit, since=since, until=until
    )
    items = [serializers.session_out(row) for row in found]
    return {"sandboxes": items, "pagination": pagination}


@router.post(
    "/sandboxes/{session_id}/stop", summary="Stop a sandbox", openapi_extra=shown(sandbox="Session")
)
def stop(request: HttpRequest, session_id: str) -> HttpResponseBase:
    session = session_of(request, session_id)
    snapshot = sessions.ask_to_stop(session, caller(request))

    async def answer() -> dict[str, Any]:
        found = await sessions.stopped(session, snapshot)
        return {"sandbox": found["session"]}

    return later(request, answer)


@router.post(
    "/sandboxes/{session_id}/extend-timeout",
    summary="Give more time",
    openapi_extra=shown(sandbox="Session"),
)
def extend(request: HttpRequest, session_id: str, data: bodies.Extend) -> dict[str, Any]:
    return renamed(sessions.extend(request, session_id, data))


@router.post(
    "/sandboxes/{session_id}/network-policy",
    summary="Change the policy",
    openapi_extra=shown(sandbox="Session"),
)
def set_network_policy(
    request: HttpRequest, session_id: str, data: Annotated[dict[str, Any], Body()]
) -> HttpResponseBase:
    in_force = sessions.policy_changed(request, session_id, data)

    async def answer() -> dict[str, Any]:
        return renamed(await in_force())

    return later(request, answer)


@router.post(
    "/sandboxes/{session_id}/snapshot",
    summary="Make a snapshot",
    openapi_extra=shown(201, snapshot="Snapshot", sandbox="Session"),
)
def make_snapshot(
    request: HttpRequest, session_id: str, data: bodies.MakeSnapshot | None = None
) -> HttpResponseBase:
    session, snapshot = snapshots.asked(request, session_id, data)

    async def answer() -> HttpResponseBase:
        return JsonResponse(renamed(await snapshots.made(session, snapshot)), status=201)

    return later(request, answer)


@router.get(
    "/sandboxes/snapshots",
    summary="List snapshots",
    openapi_extra=shown(snapshots="Snapshot[]", pagination="OldPagination"),
)
def list_snapshots(
    request: HttpRequest, limit: Size = 20, since: Moment = 0, until: Moment = 0
) -> dict[str, Any]:
    """Newest first; `next` is the `until` of the page that follows."""
    rows = snapshots.visible(caller(request))
    found, pagination = cursors.dated_page(
        rows, by="created_at", limit=limit, since=since, until=until
    )
    items = [serializers.snapshot_out(row) for row in found]
    return {"snapshots": items, "pagination": pagination}


@router.get(
    "/sandboxes/snapshots/{snapshot_id}",
    summary="Get a snapshot",
    openapi_extra=shown(snapshot="Snapshot"),
)
def get_snapshot(request: HttpRequest, snapshot_id: str) -> dict[str, Any]:
    return snapshots.get(request, snapshot_id)


@router.delete(
    "/sandboxes/snapshots/{snapshot_id}",
    summary="Delete a snapshot",
    openapi_extra=shown(snapshot="Snapshot"),
)
def delete_snapshot(request: HttpRequest, snapshot_id: str) -> dict[str, Any]:
    return snapshots.delete(request, snapshot_id)


@router.get(
    "/sandboxes/{session_id}",
    summary="Get a sandbox",
    openapi_extra=shown(sandbox="Session", routes="Route[]"),
)
def get(request: HttpRequest, session_id: str) -> dict[str, Any]:
    return renamed(sessions.get_session(request, session_id))


@router.post(
    "/sandboxes/{session_id}/cmd",
    summary="Run a command",
    openapi_extra=lines_shown(or_command=True),
)
def run(request: HttpRequest, session_id: str, data: bodies.Run) -> HttpResponseBase:
    return commands.run(request, session_id, data)


@router.get(
    "/sandboxes/{session_id}/cmd/{command_id}",
    summary="Get a command",
    openapi_extra=shown(command="Command"),
)
def get_command(request: HttpRequest, session_id: str, command_id: str, wait: bool = False) -> Any:
    return commands.get(request, session_id, command_id, wait)


@router.get(
    "/sandboxes/{session_id}/cmd/{command_id}/logs",
    summary="Follow a log",
    openapi_extra=lines_shown(),
)
def logs(request: HttpRequest, session_id: str, command_id: str) -> HttpResponseBase:
    return commands.logs(request, session_id, command_id)


@router.post(
    "/sandboxes/{session_id}/{command_id}/kill",
    summary="Send a signal",
    openapi_extra=shown(command="Command"),
)
def kill(
    request: HttpRequest, session_id: str, command_id: str, data: bodies.Kill
) -> dict[str, Any]:
    return commands.kill(request, session_id, command_id, data)


@router.post("/sandboxes/{session_id}/fs/mkdir", summary="Make a directory", openapi_extra=shown())
def make_directory(
    request: HttpRequest, session_id: str, data: bodies.MakeDirectory
) -> dict[str, str]:
    return files.make_directory(request, session_id, data)


@router.post("/sandboxes/{session_id}/fs/write", summary="Write files", openapi_extra=shown())
def write(request: HttpRequest, session_id: str) -> dict[str, str]:
    return files.write(request, session_id)


@router.post("/sandboxes/{session_id}/fs/read", summary="Read a file", openapi_extra=bytes_shown())
def read(request: HttpRequest, session_id: str, data: bodies.ReadFile) -> HttpResponseBase:
    return files.read(request, session_id, data)


def renamed(answer: dict[str, Any]) -> dict[str, Any]:
    """The session as `sandbox`, which is all of it that old clients know."""
    rest = {name: value for name, value in answer.items() if name in ("routes", "snapshot")}
    return {"sandbox": answer["session"], **rest}

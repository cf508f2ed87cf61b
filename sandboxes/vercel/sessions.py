"""Sessions: the runs of a sandbox; list, look, extend, stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Body, Router

from sandboxes.models import SandboxSession, Snapshot
from sandboxes.services import finding, history, lifecycle, network, snapshots, waiting
from sandboxes.services.quotas import DiskNearlyFull, QuotaReached
from sandboxes.vercel import bodies, cursors, serializers
from sandboxes.vercel.access import ApiKeyBearer, caller, running, session_of
from sandboxes.vercel.answers import later
from sandboxes.vercel.cursors import Cursor, Size
from sandboxes.vercel.errors import ProtocolError
from sandboxes.vercel.opening import STOP_SECONDS
from sandboxes.vercel.shapes import shown
from vibe.accounts.models import User
from vibe.data.database import in_thread
from vibe.refusal import Refusal

router = Router(auth=ApiKeyBearer("run"))


@router.get(
    "/sandboxes/sessions",
    summary="List sessions",
    openapi_extra=shown(sessions="Session[]", pagination="Pagination"),
)
def list_sessions(
    request: HttpRequest,
    name: str = "",
    limit: Size = 20,
    cursor: Cursor = "",
    sortOrder: Literal["asc", "desc"] = "desc",
) -> dict[str, Any]:
    found, pagination = cursors.page(
        history.sessions_for(caller(request), name=name),
        by="requested_at",
        ascending=sortOrder == "asc",
        limit=limit,
        cursor=cursor,
    )
    return {"sessions": [serializers.session_out(row) for row in found], "pagination": pagination}


@router.get(
    "/sandboxes/sessions/{session_id}",
    summary="Get a session",
    openapi_extra=shown(session="Session", routes="Route[]"),
)
def get_session(request: HttpRequest, session_id: str) -> dict[str, Any]:
    session = session_of(request, session_id)
    return {
        "session": serializers.session_out(session),
        "routes": serializers.routes_out(session.sandbox),
    }


@router.post(
    "/sandboxes/sessions/{session_id}/stop",
    summary="Stop a session",
    openapi_extra=shown(session="Session", sandbox="Sandbox?", snapshot="Snapshot?"),
)
def stop(request: HttpRequest, session_id: str) -> HttpResponseBase:
    """Answers when it has stopped; one that has already is told as it is."""
    session = session_of(request, session_id)
    return later(request, partial(stopped, session, ask_to_stop(session, caller(request))))


@router.post(
    "/sandboxes/sessions/{session_id}/extend-timeout",
    summary="Give more time",
    openapi_extra=shown(session="Session"),
)
def extend(request: HttpRequest, session_id: str, data: bodies.Extend) -> dict[str, Any]:
    sandbox, session = running(request, session_id)
    try:
        lifecycle.extend(sandbox, bodies.seconds(data.duration), whole=True)
    except Refusal as error:
        if error.code != "limit":
            raise
        raise ProtocolError(
            400, "sandbox_timeout_invalid", f"{error.message} {error.hint}"
        ) from error
    return {"session": serializers.session_out(session_of(request, session.id))}


@router.post(
    "/sandboxes/sessions/{session_id}/network-policy",
    summary="Change the policy",
    openapi_extra=shown(session="Session"),
)
def set_network_policy(
    request: HttpRequest, session_id: str, data: Annotated[dict[str, Any], Body()]
) -> HttpResponseBase:
    """Of the running session, at once."""
    return later(request, policy_changed(request, session_id, data))


def policy_changed(
    request: HttpRequest, session_id: str, policy: dict[str, Any]
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Change the policy of a running session; what it returns waits until that holds."""
    sandbox, session = running(request, session_id)
    seen = network.position(sandbox)
    network.set_policy(sandbox, policy, wait=0)

    async def in_force() -> dict[str, Any]:
        await waiting.policy_in_force(sandbox.id, seen, network.APPLY_SECONDS)
        return await in_thread(
            lambda: {"session": serializers.session_out(session_of(request, session.id))}
        )

    return in_force


def ask_to_stop(session: SandboxSession, by: User) -> Snapshot | None:
    """Stop a running session; of a persistent sandbox the snapshot that this makes."""
    sandbox = session.sandbox
    live = (SandboxSession.Status.PENDING, SandboxSession.Status.RUNNING)
    if sandbox.session_id != session.id or session.status not in live:
        return None
    if sandbox.persistent:
        try:
            return snapshots.create(sandbox, ends_session=True, method=Snapshot.Method.STOP, by=by)
        except (QuotaReached, DiskNearlyFull):
            # Its files stay where they are: it may stop without another copy of them.
            pass
    lifecycle.stop(sandbox, by=by)
    return None


async def stopped(session: SandboxSession, snapshot: Snapshot | None) -> dict[str, Any]:
    await waiting.settled(session.sandbox_id, STOP_SECONDS)
    made = None if snapshot is None else await waiting.snapshot_made(snapshot)

    def answer() -> dict[str, Any]:
        owner = session.sandbox.owner
        now = history.session_for(owner, session.id)
        return serializers.known(
            session=serializers.session_out(now),
            sandbox=serializers.sandbox_out(finding.get_for(owner, now.sandbox_id)),
            snapshot=serializers.snapshot_out(made) if made else None,
        )

    return await in_thread(answer)

"""Buttons and lists of snapshots."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandboxes.models import Snapshot
from sandboxes.services import creating, finding, forks, snapshots
from vibe.web.refusals import back, refusals_told
from vibe.web.requests import UserRequest

SHOWN = 200


@require_GET
@login_required
def index(request: UserRequest) -> HttpResponse:
    """All of the user's snapshots, also of sandboxes that are deleted."""
    found = snapshots.list_for(request.user).exclude(status=Snapshot.Status.DELETED)
    return render(request, "sandboxes/snapshots.html", {"snapshots": found[:SHOWN]})


@require_POST
@login_required
@refusals_told
def create(request: UserRequest, sandbox_id: str) -> HttpResponse:
    snapshots.create(
        finding.get_for(request.user, sandbox_id),
        name=request.POST.get("name", ""),
        ends_session="stop" in request.POST,
        by=request.user,
    )
    return redirect(f"/sandboxes/{sandbox_id}/#snapshots")


@require_POST
@login_required
@refusals_told
def restore(request: UserRequest, sandbox_id: str) -> HttpResponse:
    snapshot = snapshots.get_for(request.user, request.POST.get("snapshot", ""))
    snapshots.restore(finding.get_for(request.user, sandbox_id), snapshot, by=request.user)
    messages.success(request, f"Going back to the snapshot “{snapshot}”.")
    return redirect("sandboxes:show", sandbox_id)


@require_POST
@login_required
@refusals_told
def start(request: UserRequest, snapshot_id: str) -> HttpResponse:
    """A new sandbox that begins with the snapshot's files."""
    snapshot = snapshots.get_for(request.user, snapshot_id)
    sandbox = creating.create_sandbox(request.user, snapshot=snapshot)
    return redirect("sandboxes:show", sandbox.pk)


@require_POST
@login_required
@refusals_told
def delete(request: UserRequest, snapshot_id: str) -> HttpResponse:
    snapshot = snapshots.get_for(request.user, snapshot_id)
    snapshots.delete(snapshot)
    messages.success(request, f"The snapshot “{snapshot}” is deleted.")
    return redirect(back(request))


@require_POST
@login_required
@refusals_told
def fork(request: UserRequest, sandbox_id: str) -> HttpResponse:
    copy = forks.fork(finding.get_for(request.user, sandbox_id), by=request.user)
    return redirect("sandboxes:show", copy.pk)

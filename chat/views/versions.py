"""Versions on the pages: what changed, the question before a restore, names, the download."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat.models import Version
from chat.rendering.versions import changes_view, restore_view
from chat.services import conversations
from chat.services.versioning import dependency_steps, versions
from sandboxes import transfers
from sandboxes.services import version_files
from vibe.web.partials import notice
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
@refusals_told
def changes(request: UserRequest, conversation_id: str) -> HttpResponse:
    """What `version` changed, or all since the version `since`."""
    conversation = conversations.get_for(request.user, conversation_id)
    view = changes_view(
        conversation,
        version=_version(request, "version"),
        since=_version(request, "since"),
        side_by_side=request.GET.get("view") == "split",
    )
    page = "chat/_changes.html" if _by_htmx(request) else "chat/changes.html"
    return render(request, page, view)


def _version(request: UserRequest, name: str) -> Version | None:
    wanted = request.GET.get(name, "")
    return versions.get_for(request.user, wanted) if wanted else None


@require_http_methods(["GET", "POST"])
@login_required
@refusals_told
def restore(request: UserRequest, version_id: str) -> HttpResponse:
    """GET asks, in words; POST does it."""
    version = versions.get_for(request.user, version_id)
    if request.method == "GET":
        page = "chat/_restore.html" if _by_htmx(request) else "chat/restore.html"
        return render(request, page, restore_view(version))
    versions.restore(version, keep_data=request.POST.get("data") == "keep")
    said = f"Version {version.number} is being restored. What is there now stays a version."
    if _by_htmx(request):
        return HttpResponse(notice(said, tone="info"))
    messages.info(request, said)
    return redirect("chat:show", version.conversation_id)


@require_POST
@login_required
@refusals_told
def install(request: UserRequest, version_id: str) -> HttpResponse:
    """Run the dependency step of a version that was restored; its log, or for the page its id."""
    command = dependency_steps.run(versions.get_for(request.user, version_id), by=request.user)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"command": command.pk})
    return redirect("sandboxes:command", command.pk)


@require_POST
@login_required
@refusals_told
def change(request: UserRequest, version_id: str) -> HttpResponse:
    """Name it, or mark it as a favourite."""
    version = versions.get_for(request.user, version_id)
    favourite = request.POST.get("favourite")
    versions.change(
        version,
        name=request.POST.get("name"),
        favourite=favourite == "yes" if favourite is not None else None,
    )
    if not _by_htmx(request):
        return redirect("chat:changes", version.conversation_id)
    view = changes_view(version.conversation, version=versions.get_for(request.user, version_id))
    return render(request, "chat/_changes.html", view)


@require_GET
@login_required
@refusals_told
def archive(request: UserRequest, version_id: str) -> HttpResponseBase:
    version = versions.get_for(request.user, version_id)
    return transfers.made_as_file(
        version_files.archive(version.checkpoint),
        f"version-{version.number}.zip",
        "application/zip",
        conversations.subject(version.conversation_id),
    )


def _by_htmx(request: UserRequest) -> bool:
    return request.headers.get("HX-Request") == "true"

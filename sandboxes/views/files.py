"""The code panel: the tree of the sandbox's real files, a file or a folder in it, searches."""

from __future__ import annotations

import posixpath

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sandboxes import transfers
from sandboxes.models import Sandbox
from sandboxes.services import files, finding
from sandboxes.views.file_views import file_view, folder_view, image_type
from sandboxes.views.tree import tree
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

MATCHES_SHOWN = 200


@require_GET
@login_required
@refusals_told
def listing(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = finding.get_for(request.user, sandbox_id)
    found, truncated = files.list_files(sandbox)
    view = {"sandbox": sandbox, "tree": tree(found), "truncated": truncated}
    return render(request, "sandboxes/_tree.html", view)


@require_GET
@login_required
def show(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """A file's text with colours and line numbers, a folder, or why it cannot be shown."""
    path = request.GET.get("path", "") or "."
    try:
        return shown(request, finding.get_for(request.user, sandbox_id), path)
    except Refusal as error:
        status = 404 if error.code == "not_found" else 200
        view = {"path": path, "name": posixpath.basename(path), "gone": status == 404}
        view["reason"] = f"{error.message} {error.hint}"
        return render(request, "sandboxes/_file_reason.html", view, status=status)


def shown(request: UserRequest, sandbox: Sandbox, path: str) -> HttpResponse:
    """What the pane beside the tree says of `path`; raises Refusal."""
    info = files.stat(sandbox, path)
    if info.kind == "dir":
        return render(request, "sandboxes/_folder.html", folder_view(sandbox, path))
    return render(request, "sandboxes/_file.html", file_view(sandbox, path, info))


@require_GET
@login_required
@refusals_told
def search(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Lines and names that hold what was typed."""
    sandbox = finding.get_for(request.user, sandbox_id)
    text = request.GET.get("text", "").replace("\0", "")[:200]
    if not text.strip():
        return HttpResponse()
    names, more_names, _ = files.search(sandbox, text, where="names", limit=20)
    lines, more, _ = files.search(sandbox, text, limit=MATCHES_SHOWN)
    view = {"sandbox": sandbox, "text": text, "names": names, "lines": lines}
    view["more"] = more or more_names
    return render(request, "sandboxes/_matches.html", view)


@require_GET
@login_required
@refusals_told
def download(request: UserRequest, sandbox_id: str) -> HttpResponseBase:
    """The file's bytes, never shown as a page of our origin."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path = request.GET.get("path", "")
    reading = files.open_file(sandbox, path)
    return transfers.download(reading, posixpath.basename(path.rstrip("/")) or "file", sandbox)


@require_GET
@login_required
@refusals_told
def image(request: UserRequest, sandbox_id: str) -> HttpResponseBase:
    """A picture, for an <img>; opened by itself it can do nothing."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path = request.GET.get("path", "")
    kind = image_type(path)
    if kind is None:
        raise Refusal("This is not a picture.", "Download it instead.")
    reading = files.open_file(sandbox, path)
    response = transfers.download(reading, posixpath.basename(path), sandbox, kind)
    response["Content-Disposition"] = "inline"
    return response


@require_GET
@login_required
@refusals_told
def archive(request: UserRequest, sandbox_id: str) -> HttpResponseBase:
    """A folder as one file."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path, kind = request.GET.get("path", "") or ".", request.GET.get("format", "zip")
    reading = files.pack(sandbox, path, kind)
    name = posixpath.basename(posixpath.normpath(path)).strip(".") or sandbox.name
    return transfers.download(reading, f"{name}.{kind}", sandbox, files.ARCHIVES[kind])

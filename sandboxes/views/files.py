"""The code panel: the tree of the sandbox's real files, and one file's text."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from sandboxes.services import files, lifecycle
from sandboxes.services.errors import SandboxError
from sandboxes.views.tree import tree
from vibe.highlight import highlighted_file
from vibe.page import UserRequest, refusals_told

MAX_SHOWN = 400_000
MAX_DOWNLOAD = 32_000_000


@require_GET
@login_required
@refusals_told
def listing(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    found, truncated = files.list_files(sandbox)
    view = {
        "tree": tree(found),
        "truncated": truncated,
        "file_url": reverse("sandboxes:file", args=[sandbox.pk]),
    }
    return render(request, "sandboxes/_tree.html", view)


@require_GET
@login_required
def show(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """A file's text with colours and line numbers, or why it cannot be shown."""
    path = request.GET.get("path", "")
    raw_url = f"{reverse('sandboxes:download', args=[sandbox_id])}?{urlencode({'path': path})}"
    view: dict[str, Any] = {"path": path, "raw_url": raw_url}
    try:
        sandbox = lifecycle.get_for(request.user, sandbox_id)
        data = files.read_file(sandbox, path, MAX_DOWNLOAD)
    except SandboxError as error:
        view["reason"] = f"{error.message} {error.hint}"
        status = 404 if error.code == "not_found" else 200
        return render(request, "sandboxes/_file.html", view, status=status)
    return render(request, "sandboxes/_file.html", {**view, **_text_view(path, data)})


@require_GET
@login_required
@refusals_told
def download(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """The file's bytes, never shown as a page of our origin."""
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    path = request.GET.get("path", "")
    data = files.read_file(sandbox, path, MAX_DOWNLOAD)
    response = HttpResponse(data, content_type="application/octet-stream")
    name = path.rsplit("/", 1)[-1] or "file"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _text_view(path: str, data: bytes) -> dict[str, Any]:
    view: dict[str, Any] = {"length": len(data)}
    if b"\0" in data[:8192]:
        return {**view, "reason": "This is not text. Download it to open it in another program."}
    text = data[:MAX_SHOWN].decode(errors="replace")
    html, language = highlighted_file(text, path)
    lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    return {
        **view,
        "html": mark_safe(html),  # noqa: S308 - escaped by the highlighter
        "language": language,
        "numbers": "\n".join(str(number) for number in range(1, lines + 1)),
        "cut": len(data) > MAX_SHOWN,
    }

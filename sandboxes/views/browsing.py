"""The files of a sandbox as a page of links, for browsers without scripts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sandboxes.models import Sandbox
from sandboxes.services import files, finding
from sandboxes.views.file_views import file_view
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

LISTED, MATCHES = 500, 200
LONGEST_SEARCH = 200


@require_GET
@login_required
@refusals_told
def browse(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """The list, with `path` a file beside it, with `text` the lines that hold it."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path = request.GET.get("path", "")
    text = request.GET.get("text", "").replace("\0", "")[:LONGEST_SEARCH]
    found, truncated = files.list_files(sandbox)
    names = sorted((one for one in found if one.kind != "dir"), key=lambda one: one.path)
    view: dict[str, Any] = {
        "sandbox": sandbox,
        "files": names[:LISTED],
        "truncated": truncated or len(names) > LISTED,
        "path": path,
        "text": text,
    }
    if text.strip():
        view["lines"], view["more"], _ = files.search(sandbox, text, limit=MATCHES)
    if path:
        view |= _file(sandbox, path)
    return render(request, "sandboxes/browse.html", view)


def _file(sandbox: Sandbox, path: str) -> dict[str, Any]:
    """What is shown of the file, or why it is not."""
    try:
        info = files.stat(sandbox, path)
        if info.kind == "dir":
            return {"reason": "It is a folder; its files are in the list."}
        return file_view(sandbox, path, info)
    except Refusal as error:
        return {"reason": f"{error.message} {error.hint}".strip()}

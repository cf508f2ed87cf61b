"""What one can do to files in the code panel beside writing them: make, rename, delete."""

from __future__ import annotations

import posixpath

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from sandboxes.models import Sandbox
from sandboxes.services import files, finding
from sandboxes.views.files import shown
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def create(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Make an empty file or a folder, and show it."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path = _joined(request.POST.get("folder", "."), request.POST.get("name", ""))
    if request.POST.get("kind") == "folder":
        _refuse_existing(sandbox, path)
        files.make_directory(sandbox, path)
        return shown(request, sandbox, path)
    try:
        files.write_file(sandbox, path, [], expect="")
    except Refusal as error:
        if error.code == "conflict":
            raise _exists(path) from error
        raise
    return shown(request, sandbox, path)


@require_POST
@login_required
@refusals_told
def move(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Give a file or folder another name or place."""
    sandbox = finding.get_for(request.user, sandbox_id)
    target = _joined(".", request.POST.get("target", ""))
    files.move(sandbox, request.POST.get("path", ""), target)
    return shown(request, sandbox, target)


@require_POST
@login_required
@refusals_told
def delete(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Remove a file, or a folder with everything in it; then show the folder it was in."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path = request.GET.get("path", "")
    files.remove(sandbox, path, recursive=True)
    return shown(request, sandbox, posixpath.dirname(path) or ".")


def _joined(folder: str, name: str) -> str:
    """A path below `folder`, from what a person has typed."""
    name = name.strip().strip("/")
    if not name or "\0" in name or name in (".", ".."):
        raise Refusal("It needs a name.", "Type one, e.g. notes.txt or src/app.py.")
    return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"


def _refuse_existing(sandbox: Sandbox, path: str) -> None:
    try:
        files.stat(sandbox, path, follow=False)
    except Refusal as error:
        if error.code == "not_found":
            return
        raise
    raise _exists(path)


def _exists(path: str) -> Refusal:
    return Refusal(f"{path} is there already.", "Choose another name.", "conflict")

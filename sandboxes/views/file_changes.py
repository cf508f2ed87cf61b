"""What one can do to files in the code panel: make, edit, rename, delete."""

from __future__ import annotations

import posixpath
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sandboxes.models import Sandbox
from sandboxes.services import files, finding
from sandboxes.views.file_views import MAX_EDITED
from sandboxes.views.files import shown
from vibe import differences
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

DIFF_SHOWN = 200


@require_GET
@login_required
@refusals_told
def edit(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """The text of a file in a form."""
    sandbox = finding.get_for(request.user, sandbox_id)
    return _editor(request, sandbox, request.GET.get("path", ""))


@require_POST
@login_required
@refusals_told
def save(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Write the text over the version that the form was made of, else show both."""
    sandbox = finding.get_for(request.user, sandbox_id)
    path, version = request.POST.get("path", ""), request.POST.get("version", "")
    text = request.POST.get("content", "").replace("\r\n", "\n")
    data = (text.replace("\n", "\r\n") if request.POST.get("crlf") else text).encode()
    try:
        files.write_file(sandbox, path, [data], expect=version)
    except Refusal as error:
        if error.code != "conflict":
            raise
        return _editor(request, sandbox, path, mine=text)
    return shown(request, sandbox, path)


@require_POST
@login_required
@refusals_told
def create(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Make an empty file, and open it to be edited, or a folder."""
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
    return _editor(request, sandbox, path)


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


def _editor(
    request: UserRequest, sandbox: Sandbox, path: str, mine: str | None = None
) -> HttpResponse:
    """The form with the file's text; with `mine`, what one has written, beside what it says now."""
    try:
        with files.open_file(sandbox, path, max_bytes=MAX_EDITED) as reading:
            theirs = b"".join(files.in_words(reading)).decode()
            version = reading.info.version if reading.info else ""
    except UnicodeDecodeError as error:
        raise Refusal(
            "This file is not text in UTF-8, so it cannot be edited here.", "Download it instead."
        ) from error
    except Refusal as error:
        if mine is None or error.code != "not_found":
            raise
        theirs, version = "", ""  # it was deleted meanwhile; saving makes it anew
    view: dict[str, Any] = {
        "sandbox": sandbox,
        "path": path,
        "version": version,
        "crlf": "\r\n" in theirs,
        "content": theirs.replace("\r\n", "\n") if mine is None else mine,
    }
    if mine is not None:
        view |= {"conflict": True, "gone": not version, "diff": _diff(mine, theirs)}
    return render(request, "sandboxes/_editor.html", view, status=200 if mine is None else 409)


def _diff(mine: str, theirs: str) -> list[tuple[str, str]]:
    """(sign, line) of what the file says now against what one has written."""
    lines = differences.unified(mine, theirs.replace("\r\n", "\n")) or []
    return [(line[:1], line[1:]) for line in lines[:DIFF_SHOWN]]


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

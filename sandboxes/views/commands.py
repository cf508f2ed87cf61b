"""A command's page, its whole output, and its Stop button."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandboxes.api.log_download import as_text
from sandboxes.output import replay
from sandboxes.services import commands
from sandboxes.views.panels import command_partial
from vibe.page import UserRequest, refusals_told

MAX_SHOWN = 64 * 1024


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, command_id: str) -> HttpResponse:
    """Readable without JavaScript; with it the output is live."""
    command = commands.get_for(request.user, command_id)
    text = replay.text(command, max_bytes=MAX_SHOWN, tail=True)
    return render(request, "sandboxes/command.html", {"command": command, "text": text})


@require_GET
@login_required
@refusals_told
def log(request: UserRequest, command_id: str) -> HttpResponseBase:
    """The output as a text file."""
    return as_text(commands.get_for(request.user, command_id))


@require_POST
@login_required
@refusals_told
def stop(request: UserRequest, command_id: str) -> HttpResponse:
    command = commands.get_for(request.user, command_id)
    commands.stop(command, by=request.user)
    if request.headers.get("HX-Request") != "true":
        return redirect("sandboxes:command", command.pk)
    command.refresh_from_db()
    return HttpResponse(command_partial(command))

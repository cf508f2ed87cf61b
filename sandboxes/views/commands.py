"""A command's page, its whole output, and its buttons: stop, run again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandboxes.output import replay, text
from sandboxes.output.notes import removal_note
from sandboxes.rendering.panels import command_partial
from sandboxes.services import commands, refused_hosts
from sandboxes.transfers import log_as_text
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

LINES = 1000


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, command_id: str) -> HttpResponse:
    """Readable without JavaScript, by pages of lines (`?from=LINE`); with it the output is live."""
    command = commands.get_for(request.user, command_id)
    first = request.GET.get("from", "")
    page = text.page(command, int(first) if first.isdecimal() and len(first) < 16 else None, LINES)
    lines = [(line.number, line.stream, replay.plain(line.data)) for line in page.lines]
    context = {
        "command": command,
        "lines": lines,
        "page": page,
        "before": max(1, page.first - LINES),
        "after": page.last + 1,
        "removed": removal_note(command),
        "refused": refused_hosts.of(command),
    }
    return render(request, "sandboxes/command.html", context)


@require_GET
@login_required
@refusals_told
def refused(request: UserRequest, command_id: str) -> HttpResponse:
    """What the network policy refused while it ran, as a piece of a page."""
    command = commands.get_for(request.user, command_id)
    context = {"command": command, "refused": refused_hosts.of(command)}
    return render(request, "sandboxes/_refused.html", context)


@require_GET
@login_required
@refusals_told
def log(request: UserRequest, command_id: str) -> HttpResponseBase:
    """The output as a text file."""
    return log_as_text(commands.get_for(request.user, command_id))


@require_POST
@login_required
@refusals_told
def stop(request: UserRequest, command_id: str) -> HttpResponse:
    command = commands.get_for(request.user, command_id)
    commands.stop(command, by=request.user)
    if _is_program(request):
        return JsonResponse({"command": command.pk})
    if request.headers.get("HX-Request") != "true":
        return redirect("sandboxes:command", command.pk)
    command.refresh_from_db()
    return HttpResponse(command_partial(command))


@require_POST
@login_required
@refusals_told
def again(request: UserRequest, command_id: str) -> HttpResponse:
    """Run the same once more; its page, or for the log view its id."""
    command = commands.run_again(commands.get_for(request.user, command_id), by=request.user)
    if _is_program(request):
        return JsonResponse({"command": command.pk})
    return redirect("sandboxes:command", command.pk)


def _is_program(request: UserRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")

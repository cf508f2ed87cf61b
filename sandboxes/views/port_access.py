"""Who may enter the preview of a port: the share menu beside its address, and a page of its own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sandboxes.engine.ports import is_usable
from sandboxes.models import Sandbox
from sandboxes.rendering.port_access import access_view, state_of
from sandboxes.services import finding, preview_access
from vibe.web.partials import partial
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refusals_told
def show(request: UserRequest, sandbox_id: str, port: int) -> HttpResponse:
    """The menu for scripts, the page for everybody; a form of either changes it."""
    if not is_usable(port):
        raise Http404("That port has no preview.")
    sandbox = finding.get_for(request.user, sandbox_id)
    is_piece = request.headers.get("HX-Request") == "true"
    if request.method == "POST":
        rule = preview_access.change(
            sandbox,
            port,
            request.POST.get("access", ""),
            by=request.user,
            expires_in=_seconds(request),
        )
        if not is_piece:
            messages.success(request, f"Port {port}: {state_of(rule)['sentence']}")
            return redirect("sandboxes:port_access", sandbox.pk, port)
    if is_piece:
        return HttpResponse(_pieces(request, sandbox, port))
    return render(request, "sandboxes/port_access.html", access_view(sandbox, port))


def _seconds(request: UserRequest) -> int | None:
    said = request.POST.get("expires_in", "")
    if request.POST.get("access") == "private":
        return None
    return int(said) if said.isdecimal() and len(said) < 10 and int(said) else None


def _pieces(request: UserRequest, sandbox: Sandbox, port: int) -> str:
    view = access_view(sandbox, port)
    word = render_to_string("sandboxes/_access_word.html", view, request)
    menu = render_to_string("sandboxes/_access.html", view, request)
    return partial(word, "#preview-share-word") + partial(menu, "#preview-share-list", "innerHTML")

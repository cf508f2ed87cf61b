"""Where a preview leads a browser that it does not know: back with a ticket, or a word why not."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sandboxes.engine.ports import is_usable
from sandboxes.models import Sandbox
from sandboxes.services import finding, preview_access
from vibe.accounts.services import rights
from vibe.addresses import preview_origin
from vibe.refusal import Refusal

_STATE = re.compile(r"[0-9a-f]{64}")
_FRAMES = ("iframe", "frame")


@require_GET
@never_cache
def enter(request: HttpRequest) -> HttpResponseBase:
    """Asked by the redirect of a preview's host, never by a page: vibe/web/own_origin.py sees to
    that. `state` is known to that host's cookie alone; `to` is an address of the app."""
    sandbox, port = _asked_for(request)
    state = request.GET.get("state", "")
    right = rights.of_request(request)
    if not _STATE.fullmatch(state):
        raise Http404("A preview asks here, and says for which browser.")
    if right is None:
        if _is_framed(request):
            return _back(request, sandbox, port, refused="signed-out")
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    try:
        word = preview_access.ticket(sandbox, port, right, state)
    except Refusal:
        if _is_framed(request):
            return _back(request, sandbox, port, refused="not-yours")
        return render(request, "sandboxes/not_open.html", {"sandbox": sandbox}, status=403)
    return _back(request, sandbox, port, ticket=word, to=request.GET.get("to", "/"))


def _asked_for(request: HttpRequest) -> tuple[Sandbox, int]:
    port = request.GET.get("port", "")
    sandbox = finding.anybodys(request.GET.get("sandbox", ""))
    if sandbox is None or not re.fullmatch(r"[0-9]{4,5}", port) or not is_usable(int(port)):
        raise Http404("There is no such preview.")
    return sandbox, int(port)


def _is_framed(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Dest") in _FRAMES


def _back(request: HttpRequest, sandbox: Sandbox, port: int, **told: str) -> HttpResponse:
    """To the preview's own host and nowhere else, whatever `to` says."""
    own = request.build_absolute_uri("/")
    origin = preview_origin(own, settings.PREVIEW_DOMAIN, sandbox.pk, port)
    answer = HttpResponse(status=303)
    answer["Location"] = f"{origin}{preview_access.ENTER}?{urlencode(told)}"
    # The page around a frame is told on: the preview takes no cookies for a stranger's frame.
    answer["Referrer-Policy"] = "origin"
    return answer

"""What a link to a conversation shows to whoever has it, and a copy for who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from chat.rendering.shared import shared_view
from chat.services.sharing import links, remixing, throttle
from vibe import client_address
from vibe.refusal import Code, Refusal
from vibe.web.requests import UserRequest

View = Callable[..., HttpResponse]
LONGEST_PATH = 4_096


def shown_closed(view: View) -> View:
    """Decorator: counts who asks, tells of a refusal on a page of its own, and lets neither
    browsers nor search engines keep or pass on anything."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            throttle.take(client_address.network_of(request))
            response = view(request, *args, **kwargs)
        except Refusal as refusal:
            response = _refused(request, refusal)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.setdefault("Referrer-Policy", "no-referrer")
        return response

    return shown


@require_safe
@sensitive_variables("word")
@shown_closed
def show(request: HttpRequest, word: str) -> HttpResponse:
    """The conversation up to `step`, the `file` at that step, the output from `line` on."""
    share = links.find(word)
    throttle.take_of(share.pk)
    asked = request.GET
    view = shared_view(
        share,
        number=_number(asked.get("step", "")),
        path=asked.get("file", "")[:LONGEST_PATH],
        line=_number(asked.get("line", "")),
    )
    return render(request, "chat/shared/page.html", {**view, "word": word})


@require_http_methods(["GET", "POST"])
@login_required
@sensitive_variables("word")
@shown_closed
def remix(request: UserRequest, word: str) -> HttpResponse:
    """Asks which version, and whether with data; POST makes the copy."""
    share = links.find(word)
    throttle.take_of(share.pk)
    if request.method == "POST":
        made = remixing.remix(
            word,
            request.user,
            number=_number(request.POST.get("version", "")) or None,
            with_data="data" in request.POST,
        )
        messages.success(request, "The files are yours now; their sandbox is starting.")
        return redirect("chat:show", made.pk)
    view = {"share": share, "word": word, "versions": remixing.offered(share)[::-1]}
    response = render(request, "chat/shared/remix.html", view)
    # Not "no-referrer", which would make browsers send "Origin: null" with the form.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """One page for links that never were, have expired or were taken back."""
    if refusal.code == Code.NOT_FOUND:
        try:
            throttle.missed(client_address.network_of(request))
        except Refusal as error:
            refusal = error
    view = {"title": refusal.message, "error": refusal, "status": refusal.code.status}
    response = render(request, "chat/shared/gone.html", view, status=refusal.code.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0

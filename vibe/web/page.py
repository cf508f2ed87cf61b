"""What every page's template may use, and how a view tells people of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from vibe.accounts.models import User
from vibe.refusal import Refusal

P = ParamSpec("P")


class UserRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


def partial(html: str, target: str, swap: str = "outerMorph") -> str:
    """`html` as htmx puts it into the page: at the CSS selector `target`."""
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


def notice(text: str, *, hint: str = "", tone: str = "error") -> str:
    """A notice in the corner of the page, as a partial."""
    html = render_to_string("vibe/_notice.html", {"text": text, "hint": hint, "tone": tone})
    return partial(html, "#notices", "beforeend")


def refusals_told(
    view: Callable[Concatenate[UserRequest, P], HttpResponseBase],
) -> Callable[Concatenate[UserRequest, P], HttpResponseBase]:
    """Decorator of views: a Refusal becomes a notice (htmx), a message or a 404."""

    @wraps(view)
    def told(request: UserRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as error:
            if error.code == "not_found":
                raise Http404(error.message) from error
            if "application/json" in request.headers.get("Accept", ""):
                said = {"message": error.message, "hint": error.hint}
                return JsonResponse(said, status=error.code.status)
            if request.headers.get("HX-Request"):
                # 5xx are not swapped, so that a crash never lands in the middle of the page.
                status = min(error.code.status, 499)
                return HttpResponse(notice(error.message, hint=error.hint), status=status)
            messages.error(request, f"{error.message} {error.hint}".strip())
            return redirect(back(request))

    return told


def back(request: HttpRequest) -> str:
    """The page that the request came from, when it is one of ours."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return referer
    return "/"

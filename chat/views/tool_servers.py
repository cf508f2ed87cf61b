"""The page of servers of tools: a user's own, and what everybody has."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from chat.services.mcp import server_tools, tool_servers
from chat.tool_servers import headers as sent_headers
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest

P = ParamSpec("P")


def page(request: UserRequest, status: int = 200, **more: Any) -> HttpResponse:
    """The whole page; `more` is what a view has to show in it (error, draft)."""
    context = {
        "own": tool_servers.list_for(request.user),
        "shared": tool_servers.list_for(None).filter(enabled=True),
        "private_allowed": not tool_servers.is_guarded(request.user),
        **more,
    }
    return render(request, "chat/tool_servers/page.html", context, status=status)


def told_on_page(
    view: Callable[Concatenate[UserRequest, P], HttpResponse],
) -> Callable[Concatenate[UserRequest, P], HttpResponse]:
    """Decorator of views: a Refusal stands on the page, with its status."""

    @wraps(view)
    def shown(request: UserRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as error:
            if error.code == "not_found":
                raise Http404(error.message) from error
            draft = {name: request.POST.get(name, "") for name in ("name", "url")}
            return page(request, error.code.status, error=error, draft=draft)

    return shown


@require_safe
@login_required
@never_cache
def show(request: UserRequest) -> HttpResponse:
    return page(request)


@sensitive_post_parameters("headers")
@require_POST
@login_required
@told_on_page
def create(request: UserRequest) -> HttpResponse:
    """Add one, and ask it for its tools at once."""
    made = tool_servers.create(
        request.user,
        name=request.POST.get("name", ""),
        url=request.POST.get("url", ""),
        headers=sent_headers.parsed(request.POST.get("headers", "")),
    )
    return _tested(request, made.pk)


@sensitive_post_parameters("headers")
@require_POST
@login_required
@told_on_page
def change(request: UserRequest, server_id: str) -> HttpResponse:
    """What the form holds is set; empty headers keep those that are there."""
    server = tool_servers.get_for(request.user, server_id)
    changes: dict[str, Any] = {
        name: request.POST[name] for name in ("name", "url") if name in request.POST
    }
    if "forget_headers" in request.POST:
        changes["headers"] = {}
    elif request.POST.get("headers", "").strip():
        changes["headers"] = sent_headers.parsed(request.POST["headers"])
    if "enabled" in request.POST:
        changes["enabled"] = request.POST["enabled"] == "1"
    server = tool_servers.change(server, changes)
    messages.success(request, f"{server.name} is saved.")
    return redirect("chat:tool_servers")


@require_POST
@login_required
@told_on_page
def delete(request: UserRequest, server_id: str) -> HttpResponse:
    server = tool_servers.get_for(request.user, server_id)
    tool_servers.delete(server)
    messages.success(request, f"{server.name} is deleted, with its headers.")
    return redirect("chat:tool_servers")


@require_POST
@login_required
@told_on_page
def test(request: UserRequest, server_id: str) -> HttpResponse:
    return _tested(request, server_id)


def _tested(request: UserRequest, server_id: str) -> HttpResponse:
    server = server_tools.check(tool_servers.get_for(request.user, server_id), request.user)
    if server.is_healthy:
        count = len(server.tools)
        plural = "" if count == 1 else "s"
        messages.success(request, f"{server.name} answers, with {count} tool{plural}.")
    else:
        messages.error(request, f"{server.name} cannot be used yet. {server.last_error}")
    return redirect("chat:tool_servers")

"""The user's conversations: all of them, those put away, what a search finds, what one can do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chat.rendering.workbench import list_view
from chat.services import conversations
from chat.services import search as searching
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
def search(request: UserRequest) -> HttpResponse:
    """What `q` finds in titles and messages, or without it all conversations."""
    query = request.GET.get("q", "").strip()[: searching.LONGEST_QUERY]
    view: dict[str, Any] = {"query": query, "following": None}
    if query:
        view["matches"] = searching.search(request.user, query)
    else:
        view |= list_view(request.user, start=_start(request))
    if request.headers.get("HX-Request"):
        view["current"] = {"pk": request.GET.get("current", "")}
        return render(request, "chat/_list.html", view)
    return render(request, "chat/conversations.html", view)


@require_GET
@login_required
def archived(request: UserRequest) -> HttpResponse:
    view = list_view(request.user, archived=True, start=_start(request))
    return render(request, "chat/archive.html", view)


@require_GET
@login_required
@refusals_told
def options(request: UserRequest, conversation_id: str) -> HttpResponse:
    """What one can do with a conversation: the menu of its row, and a page without scripts."""
    view = {"item": conversations.get_for(request.user, conversation_id)}
    page = "chat/_options.html" if request.headers.get("HX-Request") else "chat/options.html"
    return render(request, page, view)


def _start(request: UserRequest) -> int:
    """From where on the list is wanted; nonsense is its begin."""
    wanted = request.GET.get("from", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 8 else 0

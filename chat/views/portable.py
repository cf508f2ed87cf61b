"""A conversation to a file and back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from chat.services import conversations
from chat.services.portability import exporting, importing
from chat.services.portability.portable import MAX_BYTES
from sandboxes import transfers
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
@refusals_told
def export(request: UserRequest, conversation_id: str) -> HttpResponseBase:
    found = conversations.get_for(request.user, conversation_id)
    return transfers.as_file(
        exporting.exported(found),
        exporting.file_name(found),
        "application/json",
        conversations.subject(found.pk),
    )


@require_http_methods(["GET", "POST"])
@login_required
def import_file(request: UserRequest) -> HttpResponse:
    """The page that asks for a file; POST takes it."""
    if request.method == "GET":
        return render(request, "chat/import.html")
    given = request.FILES.get("file")
    if given is None:
        error = Refusal("No file was chosen.", "Choose one that Export has made.")
        return render(request, "chat/import.html", {"error": error}, status=400)
    try:
        made = importing.import_conversation(request.user, given.read(MAX_BYTES + 1))
    except Refusal as refusal:
        return render(request, "chat/import.html", {"error": refusal}, status=refusal.code.status)
    messages.success(request, f"“{made}” is here, without the files of its sandbox.")
    return redirect("chat:show", made.pk)

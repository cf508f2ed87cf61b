"""The page of a summary: what the model is told, to change, and the originals."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chat.rendering.context import summary_view
from chat.services.context import summaries
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_http_methods(["GET", "POST"])
@login_required
@refusals_told
def show(request: UserRequest, summary_id: str) -> HttpResponse:
    summary = summaries.get_for(request.user, summary_id)
    if request.method == "GET":
        return render(request, "chat/summary.html", summary_view(summary))
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        summaries.change(summary, text)
    except Refusal as error:
        view = {**summary_view(summary, text), "error": error}
        return render(request, "chat/summary.html", view, status=422)
    messages.success(request, "Saved. The model is told this from its next request on.")
    return redirect("chat:summary", summary.pk)

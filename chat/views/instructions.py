"""The page `/instructions/`: what a user tells the model in all conversations, and skills."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chat.services.context import skills, user_instructions
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

DRAFT = """\
---
name: review-checklist
description: What to check before a change is called done. Use at the end of every task.
---

1. Run the tests.
"""


@require_http_methods(["GET", "POST"])
@login_required
def show(request: UserRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request)
    text = request.POST.get("text", "")
    try:
        user_instructions.change(request.user, text)
    except Refusal as error:
        return _page(request, status=422, error=error, text=text)
    messages.success(request, "Saved. The model is told this from the next turn on.")
    return redirect("chat:instructions")


@require_POST
@login_required
def add_skill(request: UserRequest) -> HttpResponse:
    text = request.POST.get("text", "")
    try:
        made = skills.save(request.user, text)
    except Refusal as error:
        return _page(request, status=422, error=error, draft=text)
    messages.success(request, f"The model can use {made.name} from the next turn on.")
    return redirect("chat:instructions")


@require_POST
@login_required
@refusals_told
def change_skill(request: UserRequest, skill_id: str) -> HttpResponse:
    """Change it, or delete it."""
    skill = skills.get_for(request.user, skill_id)
    if request.POST.get("delete"):
        skills.delete(skill)
        messages.success(request, f"{skill.name} is deleted.")
        return redirect("chat:instructions")
    try:
        skills.save(request.user, request.POST.get("text", ""), skill_id=skill.pk)
    except Refusal as error:
        return _page(request, status=422, error=error, open=skill.pk)
    messages.success(request, f"{skill.name} is saved.")
    return redirect("chat:instructions")


def _page(request: UserRequest, status: int = 200, **more: Any) -> HttpResponse:
    view = {
        "text": user_instructions.of(request.user),
        "limit": user_instructions.LIMIT,
        "skills": skills.list_for(request.user),
        "draft": DRAFT,
        **more,
    }
    return render(request, "chat/instructions.html", view, status=status)

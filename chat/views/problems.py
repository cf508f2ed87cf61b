"""The list of problems: looked at, acted on, told of by the page."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from chat.models import Conversation, Problem
from chat.rendering.problems import page_view
from chat.services import conversations, problems
from chat.services.problems import listing, monitor, policy, repairs
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

MAX_BYTES = 64 * 1024


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, conversation_id: str) -> HttpResponse:
    """The list and the decisions on it, without scripts."""
    conversation = conversations.get_for(request.user, conversation_id)
    return render(request, "chat/problems.html", page_view(conversation))


@require_POST
@login_required
@refusals_told
def act(request: UserRequest, problem_id: str, action: str) -> HttpResponse:
    """Fix, ignore, unignore, ask, another: of one problem."""
    problem = listing.get_for(request.user, problem_id)
    match action:
        case "fix" | "another":
            repairs.by_person(problem.conversation, [problem], differently=action == "another")
        case "ignore" | "unignore":
            repairs.set_ignored(problem, action == "ignore")
        case "ask":
            repairs.ask(problem)
        case _:
            raise Http404("There is no such action.")
    return _done(request, problem.conversation)


@require_POST
@login_required
@refusals_told
def fix_all(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    repairs.by_person(conversation, listing.waiting(conversation))
    return _done(request, conversation)


@require_POST
@login_required
@refusals_told
def choose_policy(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    chosen = {
        kind: word for kind in Problem.Kind.values if (word := request.POST.get(kind)) is not None
    }
    policy.choose(conversation, chosen)
    return _done(request, conversation)


@require_POST
@login_required
@refusals_told
def report(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Take a JSON list of what the previewed page has emitted."""
    conversation = conversations.get_for(request.user, conversation_id)
    if len(request.body) > MAX_BYTES:
        return JsonResponse({"message": "Too much at once."}, status=413)
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return JsonResponse({"message": "The body is not JSON."}, status=400)
    problems.report_browser_errors(conversation, said)
    return HttpResponse(status=204)


@require_POST
@login_required
@refusals_told
def typing(request: UserRequest, conversation_id: str) -> HttpResponse:
    """The person writes a message: repairs wait for it."""
    conversation = conversations.get_for(request.user, conversation_id)
    monitor.person_types(conversation, timezone.now())
    return HttpResponse(status=204)


def _done(request: UserRequest, conversation: Conversation) -> HttpResponse:
    """The page hears of it by its socket."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    if request.POST.get("from") == "page":
        return redirect("chat:problems", conversation.pk)
    return redirect("chat:show", conversation.pk)

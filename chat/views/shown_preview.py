"""A conversation remembers what its preview shows."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from chat.services import conversations, shown_preview
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest


@require_POST
@login_required
def remember(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Take a JSON object of what to keep; 400 with the reason when something does not fit."""
    try:
        conversation = conversations.get_for(request.user, conversation_id)
    except Refusal as error:
        return JsonResponse({"message": str(error)}, status=404)
    try:
        said = json.loads(request.body)
        if not isinstance(said, dict):
            raise ValueError
        shown_preview.remember(conversation, said)
    except ValueError:
        return JsonResponse({"message": "It is an object of choices."}, status=400)
    except Refusal as error:
        return JsonResponse({"message": str(error)}, status=400)
    return HttpResponse(status=204)

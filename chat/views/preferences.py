"""The page remembers how it was arranged: sizes, tab, theme."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from vibe.accounts.services import preferences
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest

MAX_BYTES = 4096


@require_POST
@login_required
def update(request: UserRequest) -> HttpResponse:
    """Take a JSON object of changes; 400 with the reason when one does not fit."""
    if len(request.body) > MAX_BYTES:
        return JsonResponse({"error": "Too much."}, status=413)
    try:
        changes = json.loads(request.body)
    except ValueError:
        return JsonResponse({"error": "The body is not JSON."}, status=400)
    if not isinstance(changes, dict):
        return JsonResponse({"error": "The body is not a JSON object."}, status=400)
    try:
        preferences.update(request.user, changes)
    except Refusal as error:
        return JsonResponse({"error": str(error)}, status=400)
    return HttpResponse(status=204)

"""Models that one can choose."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from chat import providers
from chat.api.schemas import ModelsOut
from vibe.api.authentication import access, caller

router = Router(auth=access("chat"))


@router.get("/models", response=ModelsOut, summary="List models")
def list_models(request: HttpRequest) -> Any:
    """Those that you may use: of your own providers, of everybody's, of the environment."""
    user = caller(request)
    choices = providers.models(user)
    return {
        "items": choices,
        "default": providers.default_model_id(user, choices),
        "fallbacks": providers.fallbacks(user),
    }

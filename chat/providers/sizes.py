"""How much a model takes at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings

from chat.models import LanguageModel
from chat.providers import published
from chat.providers.recordings import is_recorded

# Smaller ones cannot hold the agent's own instructions and tools.
SMALLEST = 4_000


def context_size(model_id: str) -> int | None:
    """Tokens that the model of this id takes, its answer included; None for the demo model's
    and a recording's.

    As its owner has said, else as published, else VIBE_CONTEXT_SIZE. The first call loads what is
    published.
    """
    if ":" not in model_id or is_recorded(model_id):
        return None
    row = LanguageModel.objects.filter(shown_id=model_id).select_related("provider").first()
    known = context_of_row(row) if row else _published(model_id)
    return known or max(int(settings.CONTEXT_SIZE), SMALLEST)


def context_of_row(row: LanguageModel) -> int | None:
    """What is known of it; None where nobody has said."""
    return row.context_size or _window(published.of_provider(row.provider, row.name))


@lru_cache(maxsize=200)
def _published(model_id: str) -> int | None:
    # Names of local models say nothing of how much their server was started with.
    return None if model_id.startswith("custom:") else _window(published.of_id(model_id))


def _window(model: Any) -> int | None:
    return getattr(model, "context_window", None)

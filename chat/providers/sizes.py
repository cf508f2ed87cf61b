"""How much a model takes."""

from __future__ import annotations

from chat.models import LanguageModel
from chat.providers import published


def context_size(model_id: str) -> int | None:
    """Tokens of request and answer together, as its owner has said, else as published; None where
    nobody knows."""
    row = LanguageModel.objects.filter(shown_id=model_id).select_related("provider").first()
    if row is not None and row.context_size:
        return row.context_size
    known = published.of_provider(row.provider, row.name) if row else published.of_id(model_id)
    return getattr(known, "context_window", None)

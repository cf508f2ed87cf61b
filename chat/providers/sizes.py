"""How much a model takes."""

from __future__ import annotations

from typing import Any

from chat.models import LanguageModel
from chat.providers import published


def context_size(model_id: str) -> int | None:
    """Tokens of request and answer together, as its owner has said, else as published; None where
    nobody knows."""
    row = LanguageModel.objects.filter(shown_id=model_id).select_related("provider").first()
    return context_of_row(row) if row else _published(published.of_id(model_id))


def context_of_row(row: LanguageModel) -> int | None:
    return row.context_size or _published(published.of_provider(row.provider, row.name))


def _published(model: Any) -> int | None:
    return getattr(model, "context_window", None)

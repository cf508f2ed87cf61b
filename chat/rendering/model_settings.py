"""What the page of models and providers reads."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from chat import providers
from chat.models import LanguageModel, Provider
from chat.providers import environment
from chat.providers.choice import EFFORTS
from chat.providers.prices import price_of_row
from chat.providers.sizes import context_of_row
from chat.providers.wires import PRESETS, Wire, missing_package
from chat.services.offered_models import language_models, model_providers
from vibe.accounts.models import User

# Of a provider with hundreds of models; more by the search above them.
MODELS_SHOWN = 100


def model_settings_view(user: User, query: str = "") -> dict[str, Any]:
    """Context of `chat/models/page.html`; `query` narrows the models of providers."""
    choices = providers.models(user)
    preference = language_models.preference_of(user)
    in_effect = providers.default_model_id(user, choices)
    slots = [*preference.fallbacks, ""][: language_models.MOST_FALLBACKS]
    return {
        "own": [_provider(each, query) for each in model_providers.list_for(user)],
        "shared": [
            _provider(each, query) for each in model_providers.list_for(None).filter(enabled=True)
        ],
        "environment": environment.providers(),
        "environment_models": environment.models(),
        "presets": PRESETS,
        "wires": [(wire.value, wire.label) for wire in Wire],
        "efforts": EFFORTS,
        "choices": choices,
        "default_id": preference.default_model,
        "in_effect": next((one.label for one in choices if one.id == in_effect), in_effect),
        "fallback_slots": slots,
        "fallbacks_of_all": [] if preference.fallbacks else providers.fallbacks(user),
        "private_allowed": settings.MODELS_PRIVATE or user.is_superuser,
        "query": query,
    }


def _provider(provider: Provider, query: str) -> dict[str, Any]:
    rows = list(provider.models.all())
    count = len(rows)
    if query:
        words = query.lower()
        rows = [row for row in rows if words in row.name.lower() or words in row.label.lower()]
    rows.sort(key=lambda row: (not row.enabled, row.order, row.label))
    return {
        "row": provider,
        "models": [_model(row) for row in rows[:MODELS_SHOWN]],
        "hidden": max(0, len(rows) - MODELS_SHOWN),
        "count": count,
        "missing": missing_package(provider.wire),
    }


def _model(row: LanguageModel) -> dict[str, Any]:
    return {"row": row, "price": price_of_row(row), "context": context_of_row(row)}

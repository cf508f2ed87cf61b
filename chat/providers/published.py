"""What genai-prices knows of a model. Loaded when first asked: it takes 30 MB."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from chat.models import Provider
from chat.providers.wires import preset_at


def of_id(model_id: str) -> Any:
    """Of a model of the environment; None where nothing is published."""
    prefix, _, name = model_id.partition(":")
    match prefix:
        case "openai" | "anthropic":
            return _known(prefix, name)
        case "custom":
            return _at(settings.OPENAI_BASE_URL, name)
    return None


def of_provider(provider: Provider, name: str) -> Any:
    """Of a model of a provider's row."""
    return _at(provider.base_url, name)


def _at(base_url: str, name: str) -> Any:
    """A server that nobody knows may call any model as it likes, so it has no published price."""
    preset = preset_at(base_url.rstrip("/"))
    return _known(preset.prices, name) if preset and preset.prices else None


def _known(provider: str, name: str) -> Any:
    from genai_prices.data_snapshot import get_snapshot

    if not name:
        return None
    try:
        return get_snapshot().find_provider_model(name, None, provider, None)[1]
    except LookupError:
        return None

"""How much a model takes at once."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

# Smaller ones cannot hold the agent's own instructions and tools.
SMALLEST = 4_000


def context_size(model_id: str) -> int | None:
    """Tokens that the model of this id takes, its answer included; None for the demo model's.

    From published data, else VIBE_CONTEXT_SIZE. The first call loads that data.
    """
    provider, _, name = model_id.partition(":")
    if not name:
        return None
    return _published(provider, name) or max(int(settings.CONTEXT_SIZE), SMALLEST)


@lru_cache(maxsize=200)
def _published(provider: str, name: str) -> int | None:
    if provider == "custom":
        # Names of local models say nothing of how much their server was started with.
        return None
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, model = get_snapshot().find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    return model.context_window

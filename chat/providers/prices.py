"""What a model costs: dollars per million tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from chat.providers import price
from chat.providers.catalogue import DEMO
from chat.providers.price import FREE, Price
from chat.providers.recordings import is_recorded


def price_of(model_id: str) -> Price | None:
    """The price of a model, None when nobody knows it. The demo model and
    recordings are free."""
    if model_id == DEMO or is_recorded(model_id):
        return FREE
    provider, _, name = model_id.partition(":")
    url = settings.OPENAI_BASE_URL if provider == "custom" else ""
    # A day is soon enough for prices that change on a date.
    return _published(provider, name, url, datetime.now(UTC).date().toordinal())


@lru_cache(maxsize=1024)
def _published(provider: str, name: str, url: str, day: int) -> Price | None:
    """What the provider asks today, from the package's own list: nobody is asked."""
    # Its list takes memory that only a process that prices requests should pay.
    from genai_prices.data_snapshot import get_snapshot

    where: dict[str, Any] = {
        "provider_id": None if url else provider,
        "provider_api_url": url or None,
    }
    try:
        _, model = get_snapshot().find_provider_model(name, None, **where)
    except LookupError:
        return None
    return price.of_published(model.get_prices(datetime.fromordinal(day).replace(tzinfo=UTC)))

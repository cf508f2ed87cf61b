"""What a model costs, in dollars per million tokens: its owner's word, else the published price."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings

from chat.models import LanguageModel
from chat.providers import price, published
from chat.providers.choice import DEMO
from chat.providers.price import FREE, Price
from chat.providers.recordings import is_recorded


def price_of(model_id: str) -> Price | None:
    """The price of a model, None when nobody knows it. The demo model and
    recordings are free."""
    if model_id == DEMO or is_recorded(model_id):
        return FREE
    row = LanguageModel.objects.filter(shown_id=model_id).select_related("provider").first()
    if row is not None:
        return price_of_row(row)
    provider, _, name = model_id.partition(":")
    url = settings.OPENAI_BASE_URL if provider == "custom" else ""
    # A day is soon enough for prices that change on a date.
    return _published(provider, name, url, datetime.now(UTC).date().toordinal())


def price_of_row(row: LanguageModel) -> Price | None:
    """What the owner has said goes before what is published, price by price."""
    said = {
        "input": row.input_price,
        "output": row.output_price,
        "cached_input": row.cached_input_price,
        "cache_write": row.cache_write_price,
    }
    amounts = {name: amount for name, amount in said.items() if amount is not None}
    model = published.of_provider(row.provider, row.name)
    known = price.of_published(model.get_prices(datetime.now(UTC))) if model else None
    if known is None and "input" in amounts and "output" in amounts:
        known = price.flat(amounts["input"])
    return known and _with_said(known, amounts)


def _with_said(known: Price, said: dict[str, Decimal]) -> Price:
    """The owner's amounts hold for each step of a price. What costs as input does keeps to it."""
    plain = said.get("input", known.input)
    as_input = {
        name: plain
        for name in ("cached_input", "cache_write")
        if getattr(known, name) == known.input
    }
    amounts: dict[str, Any] = {**as_input, **said}
    return replace(known, long=known.long and _with_said(known.long, said), **amounts)


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

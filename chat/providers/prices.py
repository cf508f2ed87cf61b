"""What a model costs: its owner's word, else the published price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chat.models import LanguageModel
from chat.providers import published
from chat.providers.choice import DEMO


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens; what is not published of the latter two costs as input does."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    cache_write: Decimal


def price_of(model_id: str) -> Price | None:
    """Of the model with this id; None where nobody has said. Of tiers the first."""
    if model_id == DEMO:
        return Price(*[Decimal(0)] * 4)
    row = LanguageModel.objects.filter(shown_id=model_id).select_related("provider").first()
    if row is None:
        return _price(_published(published.of_id(model_id)))
    return price_of_row(row)


def price_of_row(row: LanguageModel) -> Price | None:
    """What the owner has said goes before what is published, price by price."""
    said = {
        "input": row.input_price,
        "output": row.output_price,
        "cached_input": row.cached_input_price,
        "cache_write": row.cache_write_price,
    }
    known = _published(published.of_provider(row.provider, row.name))
    return _price({**known, **{name: price for name, price in said.items() if price is not None}})


def _published(model: Any) -> dict[str, Decimal]:
    if model is None:
        return {}
    prices = model.get_prices(datetime.now(UTC))
    names = {
        "input": "input_mtok",
        "output": "output_mtok",
        "cached_input": "cache_read_mtok",
        "cache_write": "cache_write_mtok",
    }
    found = {name: _base(getattr(prices, theirs, None)) for name, theirs in names.items()}
    return {name: price for name, price in found.items() if price is not None}


def _base(price: Any) -> Decimal | None:
    price = getattr(price, "base", price)
    return price if isinstance(price, Decimal) else None


def _price(known: dict[str, Decimal]) -> Price | None:
    if "input" not in known or "output" not in known:
        return None
    plain = known["input"]
    return Price(
        plain, known["output"], known.get("cached_input", plain), known.get("cache_write", plain)
    )

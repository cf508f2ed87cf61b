"""What models cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chat.providers.price import Price
from chat.providers.prices import price_of

pytestmark = pytest.mark.django_db
LONG = Price(Decimal(4), Decimal(15), Decimal("0.2"), Decimal(5))
PRICE = Price(Decimal(2), Decimal(10), Decimal("0.1"), Decimal("2.5"), 200_000, LONG)


def test_the_demo_model_is_free() -> None:
    price = price_of("demo")
    assert price is not None
    assert price.is_free


@pytest.mark.parametrize("model", ["openai:nothing-like-it", "custom:llama", "nothing", ""])
def test_a_price_that_nobody_knows_is_none_and_not_free(model: str) -> None:
    assert price_of(model) is None


def test_a_published_price_is_known_without_asking_anybody() -> None:
    price = price_of("openai:gpt-4o")
    assert price is not None
    assert (price.input, price.output) == (Decimal("2.5"), Decimal(10))


def test_steps_of_a_price_are_kept() -> None:
    price = price_of("openai:gpt-6.1-sol")
    assert price is not None
    assert price.long is not None
    assert price.long_from == 272_000
    assert price.long.input > price.input


def test_a_compatible_server_that_is_a_known_provider_has_its_prices(settings) -> None:
    settings.OPENAI_BASE_URL = "https://api.openai.com/v1"
    assert price_of("custom:gpt-4o") == price_of("openai:gpt-4o")


def test_what_came_from_the_cache_and_went_into_it_has_its_own_price() -> None:
    cost = PRICE.cost(100_000, 1_000, cached=50_000, written=10_000)
    assert cost == Decimal("0.005") + Decimal("0.025") + Decimal("0.08") + Decimal("0.01")


def test_a_long_request_costs_the_higher_price_altogether() -> None:
    assert PRICE.cost(200_000, 0) == Decimal("0.4")
    assert PRICE.cost(200_001, 0) == Decimal("0.800004")

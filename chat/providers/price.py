"""Dollars per million tokens, and what a request costs by them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal
from typing import Any

MILLION = Decimal(1_000_000)
# Of a cost as rows keep it.
SMALLEST = Decimal("0.0000000001")


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens; `cached_input` of what was read from the provider's cache,
    `cache_write` of what was written to it. A request whose input has more than `long_from` tokens
    costs `long` altogether."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    cache_write: Decimal
    long_from: int = 0
    long: Price | None = None

    @property
    def is_free(self) -> bool:
        return not (self.input or self.output or self.cached_input or self.cache_write)

    def cost(self, input: int, output: int, *, cached: int = 0, written: int = 0) -> Decimal:
        """Dollars of a request; `input` holds `cached` and `written` tokens too."""
        if self.long is not None and input > self.long_from:
            return self.long.cost(input, output, cached=cached, written=written)
        plain = max(input - cached - written, 0)
        dollars = (
            plain * self.input
            + cached * self.cached_input
            + written * self.cache_write
            + output * self.output
        ) / MILLION
        return dollars.quantize(SMALLEST, ROUND_UP)

    def dearest(self, input: int, output: int) -> Decimal:
        """The most that so many tokens can cost, whatever the provider's cache does."""
        return max(
            self.cost(input, output),
            self.cost(input, output, written=input),
            self.cost(input, output, cached=input),
        )


FREE = Price(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def flat(dollars: Decimal) -> Price:
    """The same for every token."""
    return Price(dollars, dollars, dollars, dollars)


def of_published(asked: Any) -> Price | None:
    """The price that genai-prices has for a model, with its steps; None when it lacks one of both
    ways."""
    steps = sorted(
        {tier.start for amount in vars(asked).values() for tier in getattr(amount, "tiers", ())}
    )
    price = None
    for above, start in zip([*reversed(steps), -1], [0, *reversed(steps)], strict=True):
        step = _price(asked, above + 1)
        if step is None:
            return None
        price = replace(step, long_from=start, long=price)
    return price


def _price(asked: Any, input_tokens: int) -> Price | None:
    def amount(name: str) -> Decimal | None:
        found = getattr(asked, name, None)
        for tier in getattr(found, "tiers", ()):
            if input_tokens > tier.start:
                return Decimal(tier.price)
        base = getattr(found, "base", found)
        return None if base is None else Decimal(base)

    plain, output = amount("input_mtok"), amount("output_mtok")
    if plain is None or output is None:
        return None
    cached, written = amount("cache_read_mtok"), amount("cache_write_mtok")
    return Price(
        plain,
        output,
        plain if cached is None else cached,
        plain if written is None else written,
    )

"""Before a request is sent: its worst case is held against every cap that concerns it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F

from chat.models import ModelRequest, SpendingCounter
from chat.providers.price import Price, flat
from chat.services import workers
from chat.services.spending import caps, refusing
from chat.services.spending.amounts import dollars, nanos

# An answer that may have fewer tokens than this is not worth its input.
FEWEST_OUTPUT = 4_000


@dataclass(frozen=True)
class Ask:
    """A request that is about to be sent. `input_most` is what its input cannot exceed, `input`
    what it probably has; `output_most` is what it allows for the answer, 0: nothing said, and
    `output_fewest` what the answer needs."""

    owner: int
    model: str
    price: Price | None
    input: int
    input_most: int
    output_most: int = 0
    output_fewest: int = FEWEST_OUTPUT
    conversation: str = ""
    turn: str = ""
    purpose: str = "answer"
    input_by_kind: dict[str, int] = field(default_factory=dict)
    # It goes to a provider of the owner's own.
    own: bool = False


@dataclass(frozen=True)
class Reservation:
    """`output_most`: how many tokens the answer may have, None as many as the model likes."""

    request: str
    output_most: int | None = None


def reserve(ask: Ask) -> Reservation:
    """Write the request's row and reserve the most that it can cost, all in one transaction.

    Where too little is left for that, the answer may have fewer tokens, so that it fits. Raises
    CapReached when no useful answer fits, or when a cap holds and the price is unknown. Requests
    that run side by side wait for each other here, so their worst cases together fit.
    """
    payer = caps.payer_of(ask.owner, ask.conversation, alone=ask.own)
    day = caps.today()
    keys = sorted(payer.counters(day).values())
    holding = caps.in_force(payer, day)
    unknown = _unknown_price(ask, holding)
    price = ask.price if ask.price is not None else flat(unknown or Decimal(0))
    limited = bool(holding) and not price.is_free
    output = ask.output_most or settings.OUTPUT_TOKENS if limited else 0
    with transaction.atomic():
        counters = _locked(keys)
        if limited:
            left = min(_left(cap, counters) for cap in holding)
            output = _affordable(price, ask, output, left)
            if output < min(ask.output_fewest, ask.output_most or ask.output_fewest):
                cap = min(holding, key=lambda cap: _left(cap, counters))
                raise refusing.reached(
                    cap, counters[cap.key], price.dearest(ask.input_most, ask.output_fewest)
                )
        worst = price.dearest(ask.input_most, output) if limited else Decimal(0)
        for key in keys:
            SpendingCounter.objects.filter(pk=key).update(reserved=F("reserved") + nanos(worst))
        row = ModelRequest.objects.create(
            owner_id=ask.owner,
            conversation_id=ask.conversation or None,
            turn_id=ask.turn or None,
            model=ask.model[:200],
            purpose=ask.purpose[:20],
            day=day,
            reserved=worst,
            at_least=price.cost(ask.input, 0),
            unknown_price=unknown,
            counters=keys,
            input_by_kind=ask.input_by_kind,
            worker=workers.current(),
        )
    return Reservation(row.pk, output if limited else None)


def _unknown_price(ask: Ask, holding: list[caps.Cap]) -> Decimal | None:
    """What caps count for a million tokens of a model without a price."""
    if ask.price is not None:
        return None
    if not holding:
        return settings.UNKNOWN_PRICE
    for cap in holding:
        if cap.unknown_price is None:
            raise refusing.unknown_price(cap, ask.model)
    return max(cap.unknown_price for cap in holding if cap.unknown_price is not None)


def _locked(keys: list[str]) -> dict[str, SpendingCounter]:
    """The counters, which nobody else changes until the transaction ends; in one order for all."""
    SpendingCounter.objects.bulk_create(
        [SpendingCounter(key=key) for key in keys], ignore_conflicts=True
    )
    rows = SpendingCounter.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {row.key: row for row in rows}


def _left(cap: caps.Cap, counters: dict[str, SpendingCounter]) -> Decimal:
    counter = counters[cap.key]
    return cap.amount - dollars(counter.spent + counter.reserved)


def _affordable(price: Price, ask: Ask, output: int, left: Decimal) -> int:
    """The most tokens, up to `output`, that an answer can have within what is left."""
    if price.dearest(ask.input_most, output) <= left:
        return output
    rest = left - price.dearest(ask.input_most, 0)
    per_token = price.dearest(ask.input_most, 1) - price.dearest(ask.input_most, 0)
    if rest <= 0 or per_token <= 0:
        return 0
    # One token less than fits: costs are rounded up.
    return max(min(int(rest / per_token) - 1, output), 0)

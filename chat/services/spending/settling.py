"""After a request: what it took and cost is written down, and what was reserved is given back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.models import ModelRequest, SpendingCounter
from chat.providers.price import Price, flat
from chat.services import workers
from chat.services.spending.amounts import nanos

logger = logging.getLogger(__name__)

Outcome = ModelRequest.Outcome
# No request takes longer: a turn ends after three hours.
LONGEST = timedelta(hours=4)
# A turn has ended, and what its last request took is being written down.
GRACE = timedelta(minutes=1)


@dataclass(frozen=True)
class Usage:
    """Tokens of a request. `measured`: the provider has told them; else they are a guess, which
    is counted against caps and shown nowhere."""

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    measured: bool = True


NOTHING = Usage()
# No request has more. What a provider says is its own word: what it says below nothing would give
# back what was spent, and sums beyond all bounds would not fit into any row.
MOST_TOKENS = 100_000_000


def settle(
    request_id: str, outcome: str, usage: Usage | None, price: Price | None, *, attempts: int = 1
) -> None:
    """Record how a request ended. `usage` None: nobody can say what it took.

    A second call for one request changes nothing, unless it had been given up as lost.
    """
    with transaction.atomic():
        row = ModelRequest.objects.select_for_update().get(pk=request_id)
        if row.outcome not in (Outcome.RUNNING, Outcome.LOST):
            return
        before = row.counted
        released = row.reserved if row.outcome == Outcome.RUNNING else Decimal(0)
        row.outcome, row.finished_at, row.attempts = outcome, timezone.now(), attempts
        _fill_in(row, usage, price)
        row.save()
        for key in row.counters:  # sorted, as those who reserve take them
            SpendingCounter.objects.filter(pk=key).update(
                reserved=F("reserved") - nanos(released),
                spent=F("spent") + nanos(row.counted) - nanos(before),
            )


def _fill_in(row: ModelRequest, usage: Usage | None, price: Price | None) -> None:
    by = price
    if by is None and row.unknown_price is not None:
        by = flat(row.unknown_price)
    row.cost, row.counted = None, row.at_least
    if usage is None:
        return
    usage = _sound(usage)
    amount = None
    if by is not None:
        amount = by.cost(usage.input, usage.output, cached=usage.cached, written=usage.written)
        row.counted = amount
    if usage.measured:
        row.input_tokens, row.output_tokens = usage.input, usage.output
        row.cached_tokens, row.cache_write_tokens = usage.cached, usage.written
        nothing = not (usage.input or usage.output)
        row.cost = Decimal(0) if nothing else (amount if price is not None else None)
        if price is not None:
            row.output_cost = price.cost(usage.input, usage.output) - price.cost(usage.input, 0)
    elif price is not None and price.is_free:
        row.cost = Decimal(0)


def _sound(usage: Usage) -> Usage:
    """The usage within what can be; of the input no more was cached or written than there was."""
    told, answered = (min(max(one, 0), MOST_TOKENS) for one in (usage.input, usage.output))
    written = min(max(usage.written, 0), told)
    cached = min(max(usage.cached, 0), told - written)
    return Usage(told, answered, cached, written, measured=usage.measured)


def release_lost() -> int:
    """Give back what requests have reserved that nobody sends any more; returns how many.

    Of those the input is counted, by estimate: it was sent, and nobody knows the answer's length.
    """
    now = timezone.now()
    found = 0
    for row in ModelRequest.objects.filter(outcome=Outcome.RUNNING).select_related("turn"):
        gone = workers.is_gone(row.worker) or row.started_at < now - LONGEST
        ended = row.turn.finished_at if row.turn is not None else None
        late = ended is not None and ended < now - GRACE
        if gone or late:
            settle(row.pk, Outcome.LOST, None, None)
            logger.warning("Request %s to a model was lost with its worker", row.pk)
            found += 1
    return found

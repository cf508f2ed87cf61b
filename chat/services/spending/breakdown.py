"""What the tokens of requests were made of: an estimate, from the share of each kind's characters
in the real number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from chat.models import ModelRequest

# The newest, each of which is taken apart.
TAKEN_APART = 2_000
KINDS = {
    "system": "Instructions",
    "tools": "Descriptions of tools",
    "memory": "Memory",
    "files": "Files read and written",
    "results": "Other results of tools",
    "history": "Earlier messages",
    "request": "Your request",
}


@dataclass(frozen=True)
class Share:
    """Of one kind: tokens, and dollars of the requests whose cost is known; None if of none."""

    label: str
    tokens: int
    cost: Decimal | None
    part: int = 0


@dataclass(frozen=True)
class Breakdown:
    """`input` by kind, the largest first, estimated; `output`, `cached` and `written` are real."""

    input: list[Share]
    output: Share
    cached: int
    written: int
    left_out: int = 0


def of(requests: QuerySet[ModelRequest]) -> Breakdown:
    rows = list(
        requests.order_by("-started_at").values_list(
            "input_by_kind",
            "input_tokens",
            "output_tokens",
            "cached_tokens",
            "cache_write_tokens",
            "cost",
            "output_cost",
        )[:TAKEN_APART]
    )
    tokens: dict[str, Decimal] = {}
    costs: dict[str, Decimal] = {}
    known = any(row[5] is not None for row in rows)
    for by_kind, read, *_, cost, output_cost in rows:
        paid = Decimal(0) if cost is None else cost - output_cost
        for kind, share in _shares(by_kind):
            tokens[kind] = tokens.get(kind, Decimal(0)) + read * share
            costs[kind] = costs.get(kind, Decimal(0)) + paid * share
    total = sum(row[1] + row[2] for row in rows) or 1
    shares = [
        Share(
            KINDS.get(kind, kind or "Not told apart"),
            round(count),
            costs[kind] if known else None,
            round(count * 100 / total),
        )
        for kind, count in sorted(tokens.items(), key=lambda one: -one[1])
        if round(count)
    ]
    written = sum(row[2] for row in rows)
    output = Share(
        "Answers and thoughts",
        written,
        sum((row[6] for row in rows), Decimal(0)) if known else None,
        round(written * 100 / total),
    )
    left_out = requests.count() - len(rows) if len(rows) == TAKEN_APART else 0
    return Breakdown(
        shares, output, sum(row[3] for row in rows), sum(row[4] for row in rows), left_out
    )


def _shares(by_kind: dict[str, int]) -> Iterable[tuple[str, Decimal]]:
    total = sum(by_kind.values())
    if not total:
        return [("", Decimal(1))]
    return [(kind, Decimal(count) / total) for kind, count in by_kind.items()]

"""Pages about money: what a conversation or turn has cost, and the usage of a user or of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chat.models import Conversation, ModelRequest, SpendingCap, Turn
from chat.rendering.model_labels import labels_for
from chat.services.spending import breakdown, caps, standing, sums
from chat.services.spending.amounts import in_words
from vibe.accounts.models import User

PERIODS = (7, 30, 90, 365)
# Of the plot, in its own units.
HEIGHT = 120
WIDTH = 1000


@dataclass(frozen=True)
class Bar:
    """Of one day. `top` and `height` of its money, or of its tokens where nothing cost anything."""

    x: float
    width: float
    top: float
    height: float
    title: str


def cost_view(conversation: Conversation, turn: Turn | None = None) -> dict[str, Any]:
    """Context of `chat/cost.html` and `chat/_cost.html`."""
    requests = ModelRequest.objects.filter(conversation=conversation)
    if turn is not None:
        requests = requests.filter(turn=turn)
    parts = breakdown.of(requests)
    spent = sums.of_requests(requests)
    own = SpendingCap.objects.filter(conversation=conversation).first()
    return {
        "conversation": conversation,
        "turn": turn,
        "spent": spent,
        "parts": [(share, _money(share.cost, spent)) for share in parts.input],
        "output": (parts.output, _money(parts.output.cost, spent)),
        "cached": parts.cached,
        "cached_part": _part(parts.cached, spent.input),
        "written": parts.written,
        "left_out": parts.left_out,
        "standings": standing.of(conversation.owner, conversation),
        "own_amount": _plain(own.amount if own else None),
        "own_unknown_price": _plain(own.unknown_price if own else None),
    }


def usage_view(owner: User | None, days: int, *, viewer: User) -> dict[str, Any]:
    """Context of `chat/usage.html`; `owner` None: everybody's."""
    last = caps.today()
    usage = sums.Usage(owner, sums.Period.checked(last - timedelta(days=days - 1), last))
    by_day = usage.by("day")
    return {
        "days": days,
        "periods": PERIODS,
        "total": usage.total,
        "of_all": owner is None,
        "bars": _bars(by_day),
        "top": _highest(by_day),
        "plot": (WIDTH, HEIGHT),
        "in_money": bool(usage.total.cost),
        "first_day": by_day[0].label,
        "last_day": by_day[-1].label,
        "by_day": [line for line in reversed(by_day) if line.spent.requests],
        "by_model": _named(usage.by("model"), owner),
        "by_conversation": usage.by("conversation") if owner is not None else [],
        "by_user": usage.by("user") if owner is None else [],
        "standings": standing.of(viewer),
    }


def _named(lines: list[sums.Line], owner: User | None) -> list[sums.Line]:
    """Models by what people call them; the API tells their ids."""
    labels = labels_for([line.key for line in lines], owner)
    return [replace(line, label=labels.get(line.key, line.label)) for line in lines]


def _bars(lines: list[sums.Line]) -> list[Bar]:
    in_money = any(line.spent.cost for line in lines)
    sizes = [line.spent.cost if in_money else Decimal(line.spent.tokens) for line in lines]
    highest = max(sizes) or Decimal(1)
    step = WIDTH / len(lines)
    gap = min(4.0, step * 0.2)
    bars = []
    for at, (line, size) in enumerate(zip(lines, sizes, strict=True)):
        height = float(size / highest) * HEIGHT
        # What is there is seen, however little.
        height = max(height, 2.0) if line.spent.requests else 0.0
        said = f"{_day(line.key)}: {line.spent.words or 'nothing'}, {line.spent.tokens:,} tokens"
        bars.append(
            Bar(
                round(at * step + gap / 2, 2),
                round(step - gap, 2),
                round(HEIGHT - height, 2),
                round(height, 2),
                said,
            )
        )
    return bars


def _highest(lines: list[sums.Line]) -> str:
    """What the plot's full height stands for."""
    cost = max(line.spent.cost for line in lines)
    if cost:
        return in_words(cost)
    return f"{max(line.spent.tokens for line in lines):,} tokens"


def _day(key: str) -> str:
    return f"{date.fromisoformat(key):%-d %B}"


def _money(cost: Decimal | None, spent: sums.Spent) -> str:
    if cost is None:
        return "–"
    return in_words(cost) if spent.cost else "free"


def _plain(amount: Decimal | None) -> str:
    """As one types it: 2.5."""
    return "" if amount is None else f"{amount.normalize():f}"


def _part(some: int, whole: int) -> int:
    return round(some * 100 / whole) if whole else 0

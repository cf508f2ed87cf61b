"""What was spent: sums of requests by conversation, turn, day, model and user."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, cast

from django.db.models import Count, Q, QuerySet, Sum

from chat.models import Conversation, ModelRequest
from chat.services.spending.amounts import in_words
from vibe.accounts.models import User
from vibe.refusal import Refusal

LONGEST_DAYS = 366
USUAL_DAYS = 30
# Lines of a list; what is beyond them is summed up in one more.
MOST_LINES = 200
By = Literal["day", "model", "conversation", "user"]

# Under names that no column has.
_SUMS: dict[str, Any] = {
    "sum_requests": Count("day"),
    "sum_input": Sum("input_tokens"),
    "sum_output": Sum("output_tokens"),
    "sum_cached": Sum("cached_tokens"),
    "sum_written": Sum("cache_write_tokens"),
    "sum_cost": Sum("cost"),
    "sum_unpriced": Count("day", filter=Q(cost=None) & ~Q(outcome=ModelRequest.Outcome.RUNNING)),
}


@dataclass(frozen=True)
class Spent:
    """Tokens and dollars of some requests; `unpriced` of them have no known cost. `input` holds
    what was read from the provider's cache and written to it."""

    requests: int = 0
    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        return self.input + self.output

    @property
    def dollars(self) -> Decimal | None:
        """None when it is not known of every request."""
        return None if self.unpriced else self.cost

    @property
    def words(self) -> str:
        """$0.03, free, unknown price, or at least so much; nothing for no requests."""
        if not self.requests:
            return ""
        if self.unpriced:
            return f"over {in_words(self.cost)}" if self.cost else "unknown price"
        return in_words(self.cost) if self.cost else "free"

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.requests + other.requests,
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.written + other.written,
            self.cost + other.cost,
            self.unpriced + other.unpriced,
        )


@dataclass(frozen=True)
class Line:
    """Of a table of usage. `key` is the day, the model's id, the conversation's or user's; "" what
    belongs to none any more or is beyond the lines that are told apart."""

    key: str
    label: str
    spent: Spent


def of_requests(requests: QuerySet[ModelRequest]) -> Spent:
    return _spent(requests.order_by().aggregate(**_SUMS))


def of_conversation(conversation: Conversation) -> Spent:
    return of_requests(ModelRequest.objects.filter(conversation=conversation))


def of_turns(turn_ids: Collection[str]) -> dict[str, Spent]:
    """By the turn's id; turns without requests are not in it."""
    rows = ModelRequest.objects.filter(turn__in=list(turn_ids)).order_by()
    return {row["turn_id"]: _spent(row) for row in _grouped(rows, "turn_id")}


@dataclass(frozen=True)
class Period:
    """Days, both included."""

    first: date
    last: date

    @classmethod
    def checked(cls, first: date, last: date) -> Period:
        """Raises Refusal(invalid) for what is upside down or longer than a year."""
        if last < first:
            raise Refusal("The period ends before it begins.", "Swap both days.", code="invalid")
        if (last - first).days >= LONGEST_DAYS:
            raise Refusal(
                f"A period has at most {LONGEST_DAYS} days.", "Ask for less.", code="invalid"
            )
        return cls(first, last)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class Usage:
    """Requests of one user, or of all with `owner` None, in a period."""

    def __init__(self, owner: User | None, period: Period) -> None:
        self.period = period
        self._rows = ModelRequest.objects.filter(day__range=(period.first, period.last)).order_by()
        if owner is not None:
            self._rows = self._rows.filter(owner=owner)

    @cached_property
    def total(self) -> Spent:
        return sum((spent for _, _, spent in self._days_and_models), Spent())

    @cached_property
    def _days_and_models(self) -> list[tuple[date, str, Spent]]:
        """One question for both: asking twice costs more than adding up."""
        groups = _grouped(self._rows, "day", "model")
        return [(row["day"], row["model"], _spent(row)) for row in groups]

    def by(self, what: By) -> list[Line]:
        """Days in order, each of the period; else the dearest first, then the longest."""
        sums: dict[Any, Spent] = {}
        if what == "day":
            sums = dict.fromkeys(self.period.days, Spent())
            for day, _, spent in self._days_and_models:
                sums[day] += spent
            return [Line(day.isoformat(), f"{day:%-d %b}", one) for day, one in sums.items()]
        if what == "model":
            for _, model, spent in self._days_and_models:
                sums[model] = sums.get(model, Spent()) + spent
        else:
            name = "conversation_id" if what == "conversation" else "owner_id"
            sums = {row[name]: _spent(row) for row in _grouped(self._rows, name)}
        return _lines(what, sums)


def _lines(what: By, sums: dict[Any, Spent]) -> list[Line]:
    ordered = sorted(sums.items(), key=lambda one: (one[1].cost, one[1].tokens), reverse=True)
    shown, rest = ordered[:MOST_LINES], ordered[MOST_LINES:]
    labels = _labels(what, [key for key, _ in shown])
    lines = [Line(str(key or ""), labels.get(key, _GONE[what]), one) for key, one in shown]
    if rest:
        lines.append(Line("", f"{len(rest)} others", sum((one for _, one in rest), Spent())))
    return lines


_GONE: dict[str, str] = {
    "model": "",
    "conversation": "Deleted conversations",
    "user": "Deleted users",
}


def _labels(what: By, keys: Iterable[Any]) -> dict[Any, str]:
    known = [key for key in keys if key is not None]
    if what == "conversation":
        found = Conversation.objects.filter(pk__in=known).values_list("pk", "title")
        return {pk: title or "New conversation" for pk, title in found}
    if what == "user":
        return dict(User.objects.filter(pk__in=known).values_list("pk", "username"))
    return {key: str(key) for key in known}


def _grouped(rows: QuerySet[ModelRequest], *names: str) -> Iterable[dict[str, Any]]:
    groups: Any = rows.values(*names).annotate(**_SUMS)
    return cast("Iterable[dict[str, Any]]", groups)


def _spent(row: dict[str, Any]) -> Spent:
    sums: dict[str, Any] = {name.removeprefix("sum_"): row[name] or 0 for name in _SUMS}
    return Spent(**{**sums, "cost": Decimal(sums["cost"])})

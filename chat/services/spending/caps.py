"""Which caps hold for a request, and under which keys what is spent is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.models import Conversation, SpendingCap
from vibe.refusal import Refusal

Scope, Period = SpendingCap.Scope, SpendingCap.Period
MOST = Decimal(1_000_000)


@dataclass(frozen=True)
class Payer:
    """On whose account a request goes. Its groups pay with each of its members. `alone`: it goes
    to a provider of the owner's own, whose prices and tokens are his own word. Others neither pay
    for it nor may be held up by it."""

    owner: int
    conversation: str = ""
    groups: tuple[int, ...] = ()
    alone: bool = False

    def counters(self, day: date) -> dict[tuple[str, str, int | str | None], str]:
        """Keys of all counters of a request of that day, by scope, period and whose they are."""
        found: dict[tuple[str, str, int | str | None], str] = {}
        if self.conversation:
            whole = (Scope.CONVERSATION.value, Period.TOTAL.value, self.conversation)
            found[whole] = f"conversation:{self.conversation}"
        targets: list[tuple[str, int | None]] = [(Scope.USER.value, self.owner)]
        if not self.alone:
            targets += [(Scope.GROUP.value, group) for group in self.groups]
            targets.append((Scope.PLATFORM.value, None))
        for scope, target in targets:
            for period, when in _periods(day):
                found[scope, period, target] = ":".join(
                    str(part) for part in (scope, target, when) if part not in (None, "")
                )
        return found


@dataclass(frozen=True)
class Cap:
    """One that holds. `amount` in dollars; `unknown_price` is counted for a million tokens of a
    model without a known price, None refuses it."""

    key: str
    scope: str
    period: str
    amount: Decimal
    unknown_price: Decimal | None
    name: str = ""

    @property
    def subject(self) -> str:
        """The cap, as a sentence begins with it."""
        of = {
            Scope.CONVERSATION: "This conversation’s cap",
            Scope.USER: "Your cap",
            Scope.GROUP: f"The cap of the group {self.name}",
            Scope.PLATFORM: "This platform’s cap",
        }[Scope(self.scope)]
        times = {Period.TOTAL: "", Period.DAY: " for today", Period.MONTH: " for this month"}
        return f"{of}{times[Period(self.period)]}"

    @property
    def label(self) -> str:
        """The cap, as a list names it."""
        of = {
            Scope.CONVERSATION: "This conversation",
            Scope.USER: "You",
            Scope.GROUP: f"Group {self.name}",
            Scope.PLATFORM: "Everybody",
        }[Scope(self.scope)]
        times = {Period.TOTAL: "in all", Period.DAY: "today", Period.MONTH: "this month"}
        return f"{of}, {times[Period(self.period)]}"


def payer_of(owner: int, conversation: str = "", *, alone: bool = False) -> Payer:
    groups = Group.objects.filter(user=owner).order_by("pk").values_list("pk", flat=True)
    return Payer(owner, conversation, tuple(groups), alone)


def today() -> date:
    return timezone.localdate()


def in_force(payer: Payer, day: date) -> list[Cap]:
    """The caps that hold for the payer: of each kind its own, else the one for each, else the
    setting's."""
    counters = payer.counters(day)
    rows = _rows(payer)
    names = dict(Group.objects.filter(pk__in=payer.groups).values_list("pk", "name"))
    return list(_chosen(counters, rows, names))


def _rows(payer: Payer) -> list[SpendingCap]:
    each = Q(conversation=None, user=None, group=None)
    own = Q(user=payer.owner) | Q(group__in=payer.groups)
    if payer.conversation:
        own |= Q(conversation=payer.conversation)
    return list(SpendingCap.objects.filter(each | own).order_by("pk"))


def _chosen(
    counters: dict[tuple[str, str, int | str | None], str],
    rows: Iterable[SpendingCap],
    names: dict[int, str],
) -> Iterator[Cap]:
    found = {
        (row.scope, row.period, row.conversation_id or row.user_id or row.group_id): row
        for row in rows
    }
    for (scope, period, target), key in counters.items():
        row = found.get((scope, period, target)) or found.get((scope, period, None))
        name = names.get(target, "") if isinstance(target, int) else ""
        if row is not None:
            unknown = settings.UNKNOWN_PRICE if row.unknown_price is None else row.unknown_price
            yield Cap(key, scope, period, row.amount, unknown, name)
        elif (amount := _by_setting(scope, period)) is not None:
            yield Cap(key, scope, period, amount, settings.UNKNOWN_PRICE, name)


def _by_setting(scope: str, period: str) -> Decimal | None:
    found: dict[tuple[str, str], Decimal | None] = {
        (Scope.CONVERSATION, Period.TOTAL): settings.CAP_CONVERSATION,
        (Scope.USER, Period.DAY): settings.CAP_USER_DAY,
        (Scope.USER, Period.MONTH): settings.CAP_USER_MONTH,
        (Scope.PLATFORM, Period.DAY): settings.CAP_PLATFORM_DAY,
        (Scope.PLATFORM, Period.MONTH): settings.CAP_PLATFORM_MONTH,
    }
    return found.get((scope, period))


def _periods(day: date) -> Iterator[tuple[str, str]]:
    yield Period.TOTAL.value, ""
    yield Period.DAY.value, f"{day:%Y-%m-%d}"
    yield Period.MONTH.value, f"{day:%Y-%m}"


def set_for(
    conversation: Conversation, amount: Decimal | None, unknown_price: Decimal | None = None
) -> None:
    """Set the cap of a conversation; None takes it away. Raises Refusal(invalid)."""
    for value in (amount, unknown_price):
        if value is not None and not (value.is_finite() and 0 <= value <= MOST):
            raise Refusal(
                f"A cap is an amount from $0 to ${MOST:,}.", "Write it like 2.50.", code="invalid"
            )
    with transaction.atomic():
        rows = SpendingCap.objects.filter(conversation=conversation, period=Period.TOTAL)
        if amount is None:
            rows.delete()
            return
        SpendingCap.objects.update_or_create(
            scope=Scope.CONVERSATION,
            period=Period.TOTAL,
            conversation=conversation,
            defaults={
                "amount": amount.quantize(Decimal("0.0001")),
                "unknown_price": unknown_price,
                "updated_at": timezone.now(),
            },
        )


def raise_for(conversation_id: str, amount: Decimal) -> None:
    """Let the conversation spend so much, unless it may spend more already."""
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        return
    row = SpendingCap.objects.filter(conversation=conversation).first()
    if row is None or row.amount < amount:
        set_for(conversation, amount, row.unknown_price if row else None)

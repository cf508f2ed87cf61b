"""How caps stand: what is spent and reserved of each, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chat.models import Conversation, SpendingCap, SpendingCounter
from chat.services.spending import caps
from chat.services.spending.amounts import dollars, in_words
from vibe.accounts.models import User

NEAR = Decimal("0.8")  # from this part on it is worth a colour


@dataclass(frozen=True)
class Standing:
    """Of one cap, in dollars."""

    cap: caps.Cap
    spent: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.cap.amount - self.spent - self.reserved, Decimal(0))

    @property
    def part(self) -> int:
        """Per cent of the cap that are gone, at most 100."""
        if not self.cap.amount:
            return 100
        return min(int((self.spent + self.reserved) * 100 / self.cap.amount), 100)

    @property
    def is_near(self) -> bool:
        return self.spent + self.reserved >= self.cap.amount * NEAR

    @property
    def words(self) -> str:
        """ "$0.42 of $5.00 spent, $4.58 left"."""
        held = f", {in_words(self.reserved)} reserved" if self.reserved else ""
        return (
            f"{in_words(self.spent)} of {in_words(self.cap.amount)} spent{held}, "
            f"{in_words(self.left)} left"
        )


def of(user: User, conversation: Conversation | None = None) -> list[Standing]:
    """The caps that hold for the user, or for what is asked in a conversation of his. The
    platform's are told to its staff alone: they say what everybody has spent."""
    payer = caps.payer_of(user.pk, conversation.pk if conversation else "")
    found = [
        cap
        for cap in caps.in_force(payer, caps.today())
        if cap.scope != SpendingCap.Scope.PLATFORM or user.is_staff
    ]
    counters = SpendingCounter.objects.in_bulk([cap.key for cap in found])
    none = SpendingCounter()
    return [
        Standing(cap, dollars(counter.spent), dollars(counter.reserved))
        for cap in found
        for counter in [counters.get(cap.key, none)]
    ]

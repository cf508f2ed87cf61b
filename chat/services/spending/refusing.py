"""What a person is told when a cap does not let a request pass."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from chat.models import SpendingCap, SpendingCounter
from chat.providers import ProviderError
from chat.services.spending.amounts import dollars, in_words
from chat.services.spending.caps import MOST, Cap

KEPT = "What was answered so far is kept."
BUDGET = "budget"


class CapReached(ProviderError):
    """The turn stops here until the cap is raised or another model is chosen. `raise_to`: dollars
    with which it could go on, where who asks may raise the cap himself."""

    raise_to: Decimal | None = None


def reached(cap: Cap, counter: SpendingCounter, needed: Decimal) -> CapReached:
    """`needed`: what the request may cost at least, were it allowed an answer of some length."""
    spent, reserved = dollars(counter.spent), dollars(counter.reserved)
    held = f" and {in_words(reserved)} are reserved by requests under way" if reserved else ""
    if cap.amount == 0:
        title = f"{cap.subject} is $0: only models that are free may answer"
        why = f"The next request could cost {in_words(needed)}."
    else:
        title = f"{cap.subject} is reached: {in_words(spent)} of {in_words(cap.amount)}"
        why = f"The next request could cost {in_words(needed)}{held}, which is more than is left."
    told = CapReached(title, f"{why} {KEPT} {_what_to_do(cap)}", BUDGET)
    if cap.scope == SpendingCap.Scope.CONVERSATION:
        enough = max(cap.amount * 2, spent + reserved + needed)
        told.raise_to = min(enough.to_integral_value(ROUND_CEILING), MOST)
    return told


def unknown_price(cap: Cap, model: str) -> CapReached:
    """A model whose requests cannot be held against a cap."""
    if cap.scope == SpendingCap.Scope.CONVERSATION:
        do = "Say with the cap how much to count for such models, or choose another model."
    else:
        do = (
            "Choose another model, or let an administrator say how much to count for it "
            "(VIBE_UNKNOWN_PRICE, or with the cap)."
        )
    return CapReached(
        f"Nobody knows what {model.partition(':')[2] or model} costs",
        f"{cap.subject} could not be kept with it. {KEPT} {do}",
        BUDGET,
    )


def _what_to_do(cap: Cap) -> str:
    if cap.scope == SpendingCap.Scope.CONVERSATION:
        return "Raise the cap or choose a cheaper model, then try again."
    again = {
        SpendingCap.Period.DAY: "wait until tomorrow",
        SpendingCap.Period.MONTH: "wait until next month",
    }.get(SpendingCap.Period(cap.period))
    others = f", {again}" if again else ""
    return f"Choose a cheaper model{others}, or ask an administrator to raise the cap."

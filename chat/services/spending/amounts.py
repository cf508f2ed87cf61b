"""Dollars: as whole numbers for counters, and in words for people."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

BILLION = 10**9


def nanos(dollars: Decimal) -> int:
    """Billionths of a dollar, rounded up."""
    return int((dollars * BILLION).to_integral_value(ROUND_CEILING))


def dollars(nanos: int) -> Decimal:
    return Decimal(nanos) / BILLION


def in_words(amount: Decimal) -> str:
    """$1,204.50, $0.03, $0.0042: cents, or two digits where cents would say nothing."""
    if amount == 0:
        return "$0.00"
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size >= Decimal("0.01"):
        return f"{sign}${size:,.2f}"
    if size < Decimal("0.000001"):
        return f"{sign}<$0.000001"
    places = -size.adjusted() + 1
    return f"{sign}${size:.{places}f}"

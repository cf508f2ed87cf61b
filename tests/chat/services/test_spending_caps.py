"""Which caps hold for whom, and what they count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from chat.models import Conversation, ModelRequest, SpendingCap, SpendingCounter
from chat.providers.price import FREE, Price
from chat.services.spending import caps, forgetting, standing
from chat.services.spending.amounts import in_words
from chat.services.spending.refusing import CapReached
from chat.services.spending.reserving import Ask, reserve
from chat.services.spending.settling import Usage, settle
from tests.fixtures.rows import make_conversation
from vibe.accounts.models import User

PRICE = Price(Decimal(2), Decimal(10), Decimal("0.2"), Decimal("2.5"))


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


def add(scope: str, amount: str, period: str = "day", **more: Any) -> None:
    SpendingCap.objects.create(scope=scope, period=period, amount=Decimal(amount), **more)


def ask(owner: User, conversation: Conversation | None = None, **more: Any) -> Ask:
    usual: dict[str, Any] = {
        "model": "openai:x",
        "price": PRICE,
        "input": 10_000,
        "input_most": 40_000,
        "conversation": conversation.pk if conversation else "",
    }
    return Ask(owner.pk, **{**usual, **more})


def spend(owner: User, dollars: int) -> None:
    """A request that took so much output."""
    settle(reserve(ask(owner)).request, "completed", Usage(0, dollars * 100_000), PRICE)


def amounts(owner: User, conversation: Conversation) -> dict[str, Decimal]:
    payer = caps.payer_of(owner.pk, conversation.pk)
    return {f"{c.scope}/{c.period}": c.amount for c in caps.in_force(payer, caps.today())}


def test_without_caps_a_request_is_written_down_and_reserves_nothing(alice: User) -> None:
    reservation = reserve(ask(alice))
    assert reservation.output_most is None
    assert ModelRequest.objects.get(pk=reservation.request).reserved == 0


def test_an_own_cap_goes_before_the_one_for_each_and_that_before_the_setting(
    alice: User, bob: User, conversation: Conversation, settings: Any
) -> None:
    settings.CAP_USER_DAY = Decimal(1)
    settings.CAP_PLATFORM_MONTH = Decimal(9)
    assert amounts(bob, conversation) == {"user/day": 1, "platform/month": 9}
    add("user", "2")
    add("user", "3", user=alice)
    assert amounts(bob, conversation)["user/day"] == 2
    assert amounts(alice, conversation)["user/day"] == 3


def test_a_group_pays_with_each_of_its_members(alice: User, bob: User) -> None:
    group = Group.objects.create(name="class")
    group.user_set.add(alice, bob)
    add("group", "1.5", group=group)
    spend(bob, 1)
    with pytest.raises(CapReached) as refused:
        spend(alice, 1)
        reserve(ask(alice))
    assert "of the group class" in refused.value.title


def test_everybody_pays_into_the_platforms_cap(alice: User, bob: User) -> None:
    spend(bob, 4)
    add("platform", "4")
    with pytest.raises(CapReached) as refused:
        reserve(ask(alice))
    assert refused.value.title == "This platform’s cap for today is reached: $4.00 of $4.00"
    assert "administrator" in refused.value.detail


def test_what_was_spent_before_a_cap_was_set_counts(alice: User) -> None:
    spend(alice, 2)
    add("user", "1.00", "month", user=alice)
    with pytest.raises(CapReached):
        reserve(ask(alice))


def test_a_day_begins_anew(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    add("user", "1.00")
    monkeypatch.setattr(caps, "today", lambda: date(2026, 3, 31))
    spend(alice, 1)
    monkeypatch.setattr(caps, "today", lambda: date(2026, 4, 1))
    assert reserve(ask(alice)).request


def test_free_models_pass_a_cap_that_is_reached(alice: User) -> None:
    add("user", "0")
    assert reserve(ask(alice, price=FREE)).output_most is None


def test_the_most_that_a_request_can_cost_is_reserved_until_it_is_settled(alice: User) -> None:
    add("user", "10")
    request = reserve(ask(alice, output_most=20_000)).request
    held = SpendingCounter.objects.get(pk=f"user:{alice.pk}")
    # All input written to the cache, and an answer as long as it may be.
    assert held.reserved == int(Decimal("0.3") * 10**9)

    settle(request, "completed", Usage(10_000, 100, cached=9_000), PRICE)

    after = SpendingCounter.objects.get(pk=f"user:{alice.pk}")
    assert (after.reserved, after.spent) == (0, int(Decimal("0.0048") * 10**9))


def test_requests_side_by_side_are_held_against_the_cap_together(alice: User) -> None:
    add("user", "1")
    for _ in range(3):
        reserve(ask(alice, output_most=20_000))
    with pytest.raises(CapReached) as refused:
        reserve(ask(alice, output_most=20_000))
    assert "$0.90 are reserved by requests under way" in refused.value.detail


def test_a_price_that_is_not_known_is_counted_as_the_cap_says(alice: User) -> None:
    add("user", "1", unknown_price=Decimal(4))
    request = reserve(ask(alice, price=None)).request
    settle(request, "completed", Usage(50_000, 50_000), None)
    row = ModelRequest.objects.get(pk=request)
    assert (row.cost, row.counted) == (None, Decimal("0.4"))


def test_every_cap_has_to_say_what_an_unknown_price_counts(alice: User) -> None:
    add("user", "1", unknown_price=Decimal(4))
    add("platform", "1")
    with pytest.raises(CapReached) as refused:
        reserve(ask(alice, price=None))
    assert "Nobody knows what x costs" in refused.value.title


def test_the_platforms_cap_is_told_to_staff_alone(alice: User) -> None:
    add("platform", "5")
    assert standing.of(alice) == []
    alice.is_staff = True
    assert [one.left for one in standing.of(alice)] == [5]


@pytest.mark.parametrize(
    "columns",
    [
        {"scope": "conversation", "period": "day"},
        {"scope": "user", "period": "day"},
        {"scope": "platform", "period": "month", "of_alice": True},
    ],
)
def test_a_cap_that_makes_no_sense_or_is_there_already_is_refused(
    alice: User, columns: dict[str, Any]
) -> None:
    add("user", "1")
    user = alice if columns.pop("of_alice", False) else None
    with pytest.raises(ValidationError):
        SpendingCap(amount=Decimal(1), user=user, **columns).full_clean()


def test_what_is_too_old_is_forgotten_and_what_was_spent_in_all_is_not(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "today", lambda: date(2024, 12, 31))
    spend(alice, 1)
    monkeypatch.setattr(caps, "today", lambda: date(2026, 4, 1))
    spend(alice, 2)

    forgetting.forget()

    assert [row.day for row in ModelRequest.objects.all()] == [date(2026, 4, 1)]
    left = SpendingCounter.objects.filter(key__startswith="user").order_by("key")
    assert [(row.key.partition(":")[2], row.spent) for row in left] == [
        (f"{alice.pk}", 3 * 10**9),
        (f"{alice.pk}:2026-04", 2 * 10**9),
        (f"{alice.pk}:2026-04-01", 2 * 10**9),
    ]


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1204.5", "$1,204.50"),
        ("0.03", "$0.03"),
        ("0.0042", "$0.0042"),
        ("0.000012", "$0.000012"),
        ("0", "$0.00"),
    ],
)
def test_amounts_are_told_in_cents_or_in_two_digits(amount: str, words: str) -> None:
    assert in_words(Decimal(amount)) == words

"""What a provider says of tokens is its own word: no counter goes down by it, none is blown up."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group

from chat.agent.story import Story
from chat.models import ModelRequest, SpendingCap, SpendingCounter
from chat.providers.catalogue import is_own
from chat.providers.price import Price
from chat.services.context import context_use
from chat.services.offered_models import language_models, model_providers
from chat.services.spending.refusing import CapReached
from chat.services.spending.reserving import Ask, reserve
from chat.services.spending.settling import Usage, settle
from tests.fixtures.rows import make_conversation
from vibe.accounts.models import User

PRICE = Price(Decimal(2), Decimal(10), Decimal("0.2"), Decimal("2.5"))
DEAREST = Price(*[Decimal(100_000)] * 4)


def settled(owner: User, usage: Usage, price: Price = PRICE) -> ModelRequest:
    made = reserve(Ask(owner.pk, "openai:x", price, 10, 40))
    settle(made.request, "completed", usage, price)
    return ModelRequest.objects.get(pk=made.request)


def spent(owner: User) -> int:
    return SpendingCounter.objects.get(key=f"user:{owner.pk}").spent


@pytest.mark.parametrize(
    "usage",
    [
        Usage(-(10**9), 0),
        Usage(0, -(10**9)),
        Usage(10, 10, cached=-(10**9)),
        Usage(10, 10, written=-(10**9)),
        Usage(-1, -1, -1, -1, measured=False),
    ],
)
def test_negative_tokens_give_nothing_back(alice, usage) -> None:
    before = settled(alice, Usage(1_000, 1_000))
    row = settled(alice, usage)
    assert row.outcome == "completed"
    assert row.counted >= 0
    assert spent(alice) >= int(before.counted * 10**9)


@pytest.mark.parametrize("tokens", [10**12, 2**63, 10**30])
def test_more_tokens_than_any_model_has_are_cut_and_settled(alice, tokens) -> None:
    row = settled(alice, Usage(tokens, tokens, tokens, tokens), DEAREST)
    assert row.outcome == "completed"
    assert row.input_tokens <= 100_000_000
    assert SpendingCounter.objects.get(key=f"user:{alice.pk}").reserved == 0


def test_tokens_of_a_cache_that_exceed_the_input_cost_no_more_than_the_input(alice) -> None:
    row = settled(alice, Usage(1_000, 0, cached=10**6, written=10**6))
    assert row.cost == PRICE.cost(1_000, 0, written=1_000)


def test_what_a_providers_owner_says_it_costs_holds_up_nobody_else(alice, bob, settings) -> None:
    settings.CAP_PLATFORM_DAY = Decimal(100)
    team = Group.objects.create(name="team")
    team.user_set.add(alice, bob)
    SpendingCap.objects.create(scope="group", period="total", group=team, amount=Decimal(100))
    made = reserve(Ask(alice.pk, "mine:x", DEAREST, 10, 40, own=True))
    settle(made.request, "completed", Usage(10**8, 10**8), DEAREST)
    assert spent(alice) > 0
    assert reserve(Ask(bob.pk, "openai:x", PRICE, 10, 40)).request


def test_a_cap_of_ones_own_holds_for_ones_own_provider_too(alice, settings) -> None:
    settings.CAP_USER_DAY = Decimal(1)
    with pytest.raises(CapReached):
        reserve(Ask(alice.pk, "mine:x", DEAREST, 10**6, 10**6, own=True))


def test_only_a_provider_of_the_one_who_asks_is_his_own(alice, bob) -> None:
    mine = model_providers.create(
        alice, name="Mine", wire="openai-chat", base_url="https://models.example.com/v1"
    )
    model = language_models.add(mine, "x")
    shared = model_providers.create(
        None, name="Ours", wire="openai-chat", base_url="https://models.example.com/v1"
    )
    theirs = language_models.add(shared, "x")
    assert is_own(alice, model.shown_id)
    assert not is_own(bob, model.shown_id)
    assert not is_own(alice, theirs.shown_id)


@pytest.mark.parametrize("told", [-(10**9), 10**30])
def test_what_a_turn_took_fits_its_row_whatever_is_told(told) -> None:
    usage = SimpleNamespace(input_tokens=told, output_tokens=told, requests=1)
    story = Story(run=SimpleNamespace(new_messages=list, usage=usage))
    story.take()
    assert all(0 <= value < 2**31 for value in story.usage.values())


@pytest.mark.parametrize("told", [-(10**9), 10**30])
def test_what_is_in_the_context_fits_its_row_whatever_is_told(alice, told) -> None:
    talk = make_conversation(alice)
    context_use.record(talk.pk, "x", 10, {"history": 5}, counted=told, cached=told)
    found = context_use.of(talk)
    assert found is not None
    assert 0 <= found["tokens"] < 2**31

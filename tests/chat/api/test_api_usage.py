"""What was spent, and caps, through the JSON API."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from chat.models import SpendingCap, SpendingCounter
from chat.services.spending import caps
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_conversation, make_request, make_turn
from vibe.accounts.models import User

URL = "/api/v1/usage"
JSON = "application/json"


def test_days_come_in_order_with_those_without_requests(as_alice: Client, alice: User) -> None:
    today = caps.today()
    make_request(alice, day=today - timedelta(days=2))
    make_request(alice)
    make_request(alice, cost=Decimal("0.25"))

    answer = as_alice.get(f"{URL}?from={today - timedelta(days=2)}").json()

    assert [(one["key"], one["requests"], Decimal(one["cost"])) for one in answer["items"]] == [
        (str(today - timedelta(days=2)), 1, Decimal("0.5")),
        (str(today - timedelta(days=1)), 0, 0),
        (str(today), 2, Decimal("0.75")),
    ]
    assert Decimal(answer["total"]["cost"]) == Decimal("1.25")
    assert answer["total"]["input_tokens"] == 300


def test_models_come_dearest_first(as_alice: Client, alice: User) -> None:
    make_request(alice, model="demo", cost=0)
    make_request(alice, model="openai:dear", cost=3)
    items = as_alice.get(f"{URL}?by=model").json()["items"]
    assert [one["key"] for one in items] == ["openai:dear", "demo"]


def test_conversations_have_their_titles_also_when_they_are_deleted(
    as_alice: Client, alice: User
) -> None:
    kept, gone = make_conversation(alice), make_conversation(alice)
    make_request(alice, conversation=kept, cost=2)
    make_request(alice, conversation=gone)
    gone.delete()
    items = as_alice.get(f"{URL}?by=conversation").json()["items"]
    assert [(one["key"], one["label"]) for one in items] == [
        (kept.pk, str(kept)),
        ("", "Deleted conversations"),
    ]


def test_an_unknown_cost_makes_no_sum_and_is_no_zero(as_alice: Client, alice: User) -> None:
    make_request(alice)
    make_request(alice, cost=None)
    total = as_alice.get(URL).json()["total"]
    assert total["cost"] is None
    assert Decimal(total["known_cost"]) == Decimal("0.5")
    assert total["unpriced_requests"] == 1


def test_what_others_spend_is_not_seen(as_alice: Client, bob: User) -> None:
    make_request(bob)
    assert as_alice.get(URL).json()["total"]["requests"] == 0


def test_by_user_is_for_staff(as_alice: Client, alice: User, bob: User) -> None:
    make_request(bob)
    assert as_alice.get(f"{URL}?by=user").status_code == 403
    alice.is_staff = True
    alice.save()
    (item,) = as_alice.get(f"{URL}?by=user").json()["items"]
    assert (item["key"], item["label"]) == (str(bob.pk), "bob")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("by=hour", 422),
        ("from=yesterday", 422),
        ("from=2026-02-30", 422),
        ("from=2026-02-02&until=2026-02-01", 400),
        ("from=2020-01-01&until=2026-01-01", 400),
        ("until=0001-01-01", 400),
        ("from=2025-02-01&until=2026-02-01", 200),
    ],
)
def test_periods_are_checked(as_alice: Client, query: str, status: int) -> None:
    assert as_alice.get(f"{URL}?{query}").status_code == status


def test_a_key_of_another_scope_does_not_see_it(alice: User) -> None:
    assert client_of(alice, "files").get(URL).status_code == 403


def test_a_turn_tells_its_tokens_and_cost(as_alice: Client, alice: User) -> None:
    turn = make_turn(make_conversation(alice))
    make_request(alice, turn=turn, conversation=turn.conversation)
    make_request(alice, turn=turn, conversation=turn.conversation, purpose="title")
    one = as_alice.get(f"/api/v1/turns/{turn.pk}").json()
    assert (one["tokens"], Decimal(one["cost"])) == (240, 1)
    listed = as_alice.get(f"/api/v1/conversations/{turn.conversation_id}").json()["turns"]
    assert (listed[0]["tokens"], Decimal(listed[0]["cost"])) == (240, 1)


def test_a_cap_is_set_shown_and_taken_away(as_alice: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    SpendingCounter.objects.create(key=f"conversation:{conversation.pk}", spent=2 * 10**9)
    url = f"/api/v1/conversations/{conversation.pk}/cap"

    answer = as_alice.put(url, {"amount": "2.50"}, content_type=JSON)

    assert answer.status_code == 200
    (cap,) = answer.json()["items"]
    assert (cap["scope"], Decimal(cap["amount"]), Decimal(cap["left"])) == (
        "conversation",
        Decimal("2.5"),
        Decimal("0.5"),
    )
    assert as_alice.get(f"{url}s").json()["items"] == [cap]
    assert as_alice.put(url, {"amount": None}, content_type=JSON).json()["items"] == []


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1e9", "a lot"])
def test_what_is_no_amount_is_refused(as_alice: Client, alice: User, amount: str) -> None:
    url = f"/api/v1/conversations/{make_conversation(alice).pk}/cap"
    assert as_alice.put(url, {"amount": amount}, content_type=JSON).status_code == 422
    assert not SpendingCap.objects.exists()


def test_nobody_sets_caps_of_others(as_bob: Client, alice: User) -> None:
    url = f"/api/v1/conversations/{make_conversation(alice).pk}/cap"
    assert as_bob.put(url, {"amount": 1}, content_type=JSON).status_code == 404

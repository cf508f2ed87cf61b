"""Pages about money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import Conversation, ModelRequest, SpendingCap
from chat.services.spending import caps, sums
from tests.fixtures.rows import make_conversation, make_request, make_turn
from vibe.accounts.models import User


def test_without_requests_the_page_says_what_will_be_there(page: Client) -> None:
    body = page.get("/usage/").content.decode()
    assert "Nobody has asked a model in these days" in body


def test_the_page_has_a_bar_for_each_day_and_the_tables(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    make_request(alice, conversation=conversation)
    body = page.get("/usage/?days=7").content.decode()
    assert body.count('class="bar"') == 7
    assert "$0.50" in body
    assert str(conversation) in body


def test_models_are_called_by_their_labels(page: Client, alice: User) -> None:
    make_request(alice, model="demo")
    assert '<span title="demo">Demo model</span>' in page.get("/usage/").content.decode()


def test_a_wrong_period_is_the_usual_one(page: Client, alice: User) -> None:
    make_request(alice)
    body = page.get("/usage/?days=100000").content.decode()
    assert body.count('class="bar"') == 30


def test_only_staff_sees_everybody(page: Client, alice: User, bob: User) -> None:
    make_request(bob)
    assert "Nobody has asked" in page.get("/usage/?all").content.decode()
    alice.is_staff = True
    alice.save()
    assert "bob" in page.get("/usage/?all").content.decode()


def test_beside_the_tokens_stands_the_cost(page: Client, alice: User) -> None:
    turn = make_turn(make_conversation(alice))
    make_request(alice, turn=turn, conversation=turn.conversation, cost=Decimal("0.03"))
    body = page.get(f"/c/{turn.conversation_id}/").content.decode()
    assert body.count("120 tok · $0.03") == 2


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        (["0"], "free"),
        ([None], "unknown price"),
        (["0.0042"], "$0.0042"),
        (["1.5", None], "over $1.50"),
    ],
)
def test_the_cost_is_told_in_words(
    page: Client, alice: User, costs: list[str | None], words: str
) -> None:
    conversation = make_conversation(alice)
    for cost in costs:
        make_request(alice, conversation=conversation, cost=cost and Decimal(cost))
    assert words in page.get(f"/c/{conversation.pk}/").content.decode()


def test_what_a_cost_is_made_up_of_is_divided_by_estimate(page: Client, alice: User) -> None:
    turn = make_turn(make_conversation(alice))
    make_request(
        alice,
        turn=turn,
        conversation=turn.conversation,
        input_tokens=1000,
        output_tokens=100,
        cost=Decimal("3"),
        output_cost=Decimal("1"),
        input_by_kind={"files": 30, "system": 10},
    )
    body = page.get(f"/c/{turn.conversation_id}/cost/?turn={turn.pk}").content.decode()
    text = " ".join(body.split())
    assert "≈ 750</td> <td>$1.50" in text
    assert "≈ 250</td> <td>$0.50" in text
    assert "by estimate" in text


def test_a_cap_is_set_on_the_page(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    page.post(f"/c/{conversation.pk}/cap/", {"amount": "$2.50", "unknown_price": "3"})
    cap = SpendingCap.objects.get(conversation=conversation)
    assert (cap.amount, cap.unknown_price) == (Decimal("2.5"), 3)
    body = page.get(f"/c/{conversation.pk}/cost/").content.decode()
    assert 'value="2.5"' in body
    page.post(f"/c/{conversation.pk}/cap/", {"amount": ""})
    assert not SpendingCap.objects.exists()


@pytest.mark.parametrize("amount", ["a lot", "-1", "NaN", "1e99", "1" * 5000])
def test_what_is_no_amount_is_refused_in_words(page: Client, alice: User, amount: str) -> None:
    conversation = make_conversation(alice)
    answer = page.post(f"/c/{conversation.pk}/cap/", {"amount": amount}, follow=True)
    assert "Write it like 2.50" in answer.content.decode()
    assert not SpendingCap.objects.exists()


def test_the_cost_of_somebody_elses_conversation_does_not_exist(other: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    assert other.get(f"/c/{conversation.pk}/cost/").status_code == 404
    assert other.post(f"/c/{conversation.pk}/cap/", {"amount": "1"}).status_code == 404


def test_more_requests_are_not_more_queries(
    page: Client, alice: User, django_assert_num_queries: Any
) -> None:
    def write(count: int) -> None:
        made = [Conversation(owner=alice, title=f"Number {n}") for n in range(count)]
        Conversation.objects.bulk_create(made)
        ModelRequest.objects.bulk_create(
            ModelRequest(owner=alice, conversation=one, model=f"openai:{n}", day=caps.today())
            for n, one in enumerate(made)
        )

    write(2)
    with CaptureQueriesContext(connection) as few:
        page.get("/usage/")
    write(500)
    with django_assert_num_queries(len(few)):
        body = page.get("/usage/").content.decode()
    assert "302 others" in body


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL decides by its statistics")
def test_sums_of_a_user_are_read_from_an_index_alone(alice: User) -> None:
    make_request(alice)
    with CaptureQueriesContext(connection) as asked:
        usage = sums.Usage(alice, sums.Period(caps.today(), caps.today()))
        usage.by("day")
        usage.by("conversation")
    sums_asked = [one["sql"] for one in asked if "SUM(" in one["sql"]]
    assert len(sums_asked) == 2
    for sql in sums_asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "USING COVERING INDEX model_request_by_owner" in plan

"""What requests take and cost, over real HTTP in both wire formats, and how caps hold."""

from __future__ import annotations

import itertools
import threading
from decimal import Decimal

import pytest

from chat.providers.price import Price
from tests.chat.agent.metered_server import Billed, metered_server
from tests.fixtures.waiting import until

MODELS = ["custom:mock", "anthropic:mock"]
PRICE = Price(Decimal(2), Decimal(10), Decimal("0.2"), Decimal("2.5"))


@pytest.fixture
def server(settings, monkeypatch):
    with metered_server() as started:
        settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = "sk-very-secret-key"
        settings.OPENAI_BASE_URL = f"{started.address}/v1"
        settings.ANTHROPIC_BASE_URL = started.address
        yield started


@pytest.fixture
def priced(monkeypatch):
    from chat.agent.spending import counted

    monkeypatch.setattr(counted, "price_of", lambda model_id: PRICE)


@pytest.fixture
def listing(monkeypatch):
    """The tool `list_files` without a sandbox."""
    from chat.tools.list_files import tool

    async def sandbox(context, wanted):
        return "sandbox"

    async def call(service, sandbox, name):
        return [], False

    monkeypatch.setattr(tool, "running_sandbox", sandbox)
    monkeypatch.setattr(tool, "call", call)


def cap(amount: str, **whose) -> None:
    from chat.models import SpendingCap

    scope = next(iter(whose), "platform")
    period = "total" if scope == "conversation" else "day"
    SpendingCap.objects.create(scope=scope, period=period, amount=Decimal(amount), **whose)


def rows() -> list:
    from chat.models import ModelRequest

    return list(ModelRequest.objects.order_by("started_at", "pk"))


def counter(key: str):
    from chat.models import SpendingCounter

    return SpendingCounter.objects.get(pk=key)


def cost_of(billed: Billed) -> Decimal:
    return PRICE.cost(billed.input, billed.output, cached=billed.cached, written=billed.written)


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_the_rows_of_a_turn_sum_up_to_what_the_provider_has_billed(
    server, priced, listing, say, model
):
    number = itertools.count(1)
    server.calls = 3
    written = 7 if model.startswith("anthropic") else 0
    server.bill = lambda asked, body: Billed(1000 * next(number), 50, 300, written)

    turn = say("List the files", model=model)

    found = rows()
    assert turn.status == "completed"
    assert [
        (r.input_tokens, r.output_tokens, r.cached_tokens, r.cache_write_tokens) for r in found
    ] == [(b.input, b.output, b.cached, b.written) for b in server.billed]
    assert len(found) == 4
    assert [r.cost for r in found] == [cost_of(b) for b in server.billed]
    assert {(r.turn_id, r.model, r.outcome) for r in found} == {(turn.pk, model, "completed")}
    spent = counter(f"conversation:{turn.conversation_id}")
    assert (spent.spent, spent.reserved) == (
        int(sum(map(cost_of, server.billed)) * 10**9),
        0,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_a_request_that_the_client_sends_again_is_one_row_that_says_how_often(
    server, priced, say, model, monkeypatch
):
    for name in ("openai", "anthropic"):
        monkeypatch.setattr(
            f"{name}._base_client.BaseClient._calculate_retry_timeout", lambda *a: 0
        )
    server.failing = 2

    say("Hello", model=model)

    (row,) = rows()
    assert (row.attempts, row.outcome, row.cost) == (3, "completed", cost_of(server.billed[0]))


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_a_request_that_the_provider_refuses_costs_nothing(server, priced, say, model, monkeypatch):
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    server.failing = 1

    turn = say("Hello", model=model)

    (row,) = rows()
    assert turn.status == "failed"
    assert (row.outcome, row.cost, row.counted, row.input_tokens) == ("failed", 0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_an_answer_that_breaks_off_has_an_unknown_cost_that_caps_count_by_estimate(
    server, priced, say, model
):
    server.broken = True

    turn = say("Hello", model=model)

    (row,) = rows()
    assert turn.status == "failed"
    assert row.cost is None
    assert row.counted > 0
    assert counter(f"user:{row.owner_id}").spent >= int(row.counted * 10**9)


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_a_provider_that_tells_no_usage_leaves_the_cost_unknown(server, priced, say, model):
    server.told = False

    say("Hello", model=model)

    (row,) = rows()
    assert row.outcome == "completed"
    assert row.cost is None
    assert row.counted > 0


@pytest.mark.django_db
def test_a_model_without_a_known_price_has_an_unknown_cost_and_is_no_free_one(server, say):
    say("Hello", model="custom:mock")

    (row,) = rows()
    assert row.input_tokens == 100
    assert row.cost is None


@pytest.mark.django_db
def test_the_demo_model_is_free_also_under_a_cap_of_zero(say, conversation):
    cap("0", conversation=conversation)

    turn = say("hello")

    assert turn.status == "completed"
    assert {row.cost for row in rows()} == {Decimal(0)}


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_under_a_cap_of_zero_nothing_is_sent_and_the_turn_asks(
    server, priced, say, conversation, model
):
    cap("0", conversation=conversation)

    turn = say("Hello", model=model)

    assert server.asked == []
    assert (turn.status, turn.waiting_for) == ("waiting", "budget")
    assert "$0" in turn.questions.get().asked["title"]


@pytest.mark.django_db
def test_a_model_without_a_price_is_refused_under_a_cap(server, say, conversation):
    cap("5", user=conversation.owner)

    turn = say("Hello", model="custom:mock")

    assert server.asked == []
    assert (turn.status, turn.waiting_for) == ("waiting", "budget")
    assert "Nobody knows what mock costs" in turn.questions.get().asked["title"]


@pytest.mark.django_db
def test_a_model_without_a_price_is_counted_as_the_operator_says(
    server, say, conversation, settings
):
    settings.UNKNOWN_PRICE = Decimal(20)
    cap("5", user=conversation.owner)

    say("Hello", model="custom:mock")

    (row,) = rows()
    assert row.cost is None
    assert row.counted == Decimal("0.0024")  # 120 tokens


@pytest.fixture
def answered(say):
    """Answer what the turn asks and let it go on."""
    from chat.agent import runtime
    from chat.services.asking import answers
    from chat.services.asking.answer_forms import Given

    def give(turn, decision):
        answers.answer(turn, Given(decision=decision))
        runtime.run(turn.pk)
        turn.refresh_from_db()
        return turn

    return give


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_at_the_cap_the_turn_waits_with_what_it_has_and_goes_on_when_the_cap_is_raised(
    server, priced, listing, say, answered, parts, conversation, model
):
    from chat.models import SpendingCap

    server.calls = 3
    server.bill = lambda asked, body: Billed(50_000, 2_000)  # 12 cents
    cap("0.30", conversation=conversation)

    turn = say("List the files", model=model)

    assert (turn.status, turn.waiting_for) == ("waiting", "budget")
    assert len(server.billed) == 2
    assert [part.kind for part in parts(turn)] == ["tool_call", "tool_call", "asked"]

    answered(turn, "raise")

    assert turn.status == "completed"
    assert len(server.billed) == 4
    assert SpendingCap.objects.get().amount == 1


@pytest.mark.django_db
def test_who_wants_to_spend_no_more_keeps_what_there_is_and_can_try_another_model(
    server, priced, listing, say, answered, parts, conversation
):
    server.calls = 1
    server.bill = lambda asked, body: Billed(50_000, 2_000)
    cap("0.15", conversation=conversation)
    turn = say("List the files", model="custom:mock")

    answered(turn, "stop")

    assert (turn.status, turn.error["action"]) == ("failed", "budget")
    assert [part.kind for part in parts(turn)] == ["tool_call", "asked", "error"]
    assert len(server.billed) == 1


@pytest.mark.django_db
def test_a_cap_of_the_administration_cannot_be_raised_by_who_meets_it(
    server, priced, say, answered, conversation
):
    from vibe.refusal import Refusal

    cap("0", user=conversation.owner)
    turn = say("Hello", model="custom:mock")

    with pytest.raises(Refusal):
        answered(turn, "raise")
    assert answered(turn, "again").status == "waiting"


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_near_the_cap_an_answer_may_have_as_many_tokens_as_still_fit(
    server, priced, say, conversation, model
):
    cap("0.25", conversation=conversation)

    turn = say("Hello", model=model)

    (row,) = rows()
    (asked,) = server.asked
    allowed = asked.get("max_completion_tokens") or asked["max_tokens"]
    assert turn.status == "completed"
    assert 4_000 <= allowed < 25_000
    assert row.reserved <= Decimal("0.25")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", MODELS)
def test_parallel_turns_never_pass_a_cap_whatever_their_requests_take(server, priced, owner, model):
    from django.db import connections

    from chat.agent import runtime
    from chat.models import ModelRequest, Turn
    from chat.services import conversations, turns

    def dearest(asked, body):
        output = asked.get("max_completion_tokens") or asked["max_tokens"]
        return Billed(len(body) // 2, output)

    def work(turn):
        try:
            runtime.run(turn.pk)
        finally:
            connections.close_all()

    server.bill = dearest
    server.gate.clear()
    cap("1.00", user=owner)
    begun = [turns.start_turn(conversations.create(owner), "Hello", model=model) for _ in range(8)]
    threads = [threading.Thread(target=work, args=(turn,)) for turn in begun]
    for thread in threads:
        thread.start()

    def all_decided():
        refused = Turn.objects.filter(status="waiting").count()
        return len(server.asked) + refused == len(begun)

    until(all_decided, patience=60)
    server.gate.set()
    for thread in threads:
        thread.join()

    reserved = [row.reserved for row in ModelRequest.objects.all()]
    spent = counter(f"user:{owner.pk}:{ModelRequest.objects.first().day}")
    assert 0 < len(server.billed) < len(begun)
    assert sum(reserved) <= 1
    assert 0 < spent.spent <= 10**9
    assert spent.reserved == 0
    assert sum(row.cost for row in rows()) == sum(map(cost_of, server.billed))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", MODELS)
def test_a_request_that_is_stopped_gives_back_what_it_had_reserved(server, priced, owner, model):
    from django.db import connections

    from chat.agent import runtime
    from chat.services import conversations, stopping, turns

    def work():
        try:
            runtime.run(turn.pk)
        finally:
            connections.close_all()

    server.gate.clear()
    cap("1.00", user=owner)
    turn = turns.start_turn(conversations.create(owner), "Hello", model=model)
    thread = threading.Thread(target=work)
    thread.start()
    until(lambda: server.asked)
    held = counter(f"user:{owner.pk}").reserved
    stopping.stop_turn(turn)
    thread.join()

    (row,) = rows()
    after = counter(f"user:{owner.pk}")
    assert held > 0
    assert (row.outcome, row.cost) == ("stopped", None)
    assert (after.reserved, after.spent) == (0, int(row.counted * 10**9))


@pytest.mark.django_db
def test_what_a_dead_worker_had_reserved_is_given_back_and_its_input_counted(conversation):
    from chat.models import ModelRequest
    from chat.services.spending.reserving import Ask, reserve
    from chat.services.spending.settling import release_lost

    cap("1.00", user=conversation.owner)
    request = reserve(
        Ask(conversation.owner_id, "custom:mock", PRICE, 1000, 4000, conversation=conversation.pk)
    ).request
    ModelRequest.objects.update(worker="")

    assert release_lost() == 1
    assert release_lost() == 0

    row = ModelRequest.objects.get(pk=request)
    left = counter(f"user:{conversation.owner_id}")
    assert (row.outcome, row.cost) == ("lost", None)
    assert (left.reserved, left.spent) == (0, 2_000_000)


@pytest.mark.django_db
def test_a_request_that_was_given_up_too_early_is_counted_once(conversation):
    from chat.models import ModelRequest
    from chat.services.spending.reserving import Ask, reserve
    from chat.services.spending.settling import Usage, release_lost, settle

    request = reserve(Ask(conversation.owner_id, "custom:mock", PRICE, 1000, 4000)).request
    ModelRequest.objects.update(worker="")
    release_lost()

    settle(request, "completed", Usage(3000, 100), PRICE)
    settle(request, "completed", Usage(3000, 100), PRICE)

    spent = counter("platform")
    assert (spent.spent, spent.reserved) == (7_000_000, 0)

"""Answers: once, by whoever is first; kept when processes die and Redis forgets."""

from __future__ import annotations

import pytest

from chat.services.asking.answer_forms import Given
from tests.chat.agent.asking import PLAN, QUESTIONS
from vibe.refusal import Refusal

APPROVAL = {"what": "Run", "exact": "rm -r a", "reasons": [{"name": "delete", "title": "Delete"}]}
BUDGET = {"title": "Go on?", "choices": [{"value": "more", "label": "Spend more"}]}
ASKED = {
    "question": {
        "questions": [
            {"default": 0, "free_text": False, **one} for one in QUESTIONS["questions"]
        ]
    },
    "plan": PLAN,
    "approval": APPROVAL,
    "budget": BUDGET,
}  # fmt: skip


@pytest.fixture
def asked(conversation):
    """A turn that waits for an answer of a kind."""
    from chat.services import turns
    from chat.services.asking import waiting
    from chat.services.asking.waiting import Asked

    def wait(kind):
        turn = turns.claim(turns.start_turn(conversation, "Hello").pk)
        assert waiting.begin(turn, Asked(kind, ASKED[kind]))
        turn.refresh_from_db()
        return turn

    return wait


def give(turn, **given):
    from chat.services.asking import answers

    return answers.answer(turn, Given(**given))


def test_an_answered_turn_is_queued_as_a_job_of_its_own(asked, settings):
    from chat.services import turns
    from vibe.jobs.queue import is_waiting

    turn = give(asked("budget"), decision="more")

    assert (turn.status, turn.waiting_for) == ("queued", "")
    assert turns.job_of(turn) == f"{turn.pk}-1"
    assert is_waiting(settings.CHAT_QUEUE, f"{turn.pk}-1")
    assert turns.turn_of(f"{turn.pk}-1") == turn.pk


def test_the_second_tab_is_told_that_the_first_has_answered(asked):
    turn = asked("budget")
    give(turn, decision="more")

    with pytest.raises(Refusal, match="answered already") as refused:
        give(turn, decision="more")

    assert refused.value.code == "conflict"


def test_an_answer_to_an_earlier_question_does_not_count_for_the_present_one(asked):
    from chat.models import Question, Turn
    from chat.services.asking import answers, waiting
    from chat.services.asking.waiting import Asked

    turn = asked("budget")
    first = turn.questions.get()
    give(turn, decision="more")
    Turn.objects.filter(pk=turn.pk).update(status="running")
    waiting.begin(turn, Asked("budget", BUDGET))

    with pytest.raises(Refusal, match="answered already"):
        answers.answer(turn, Given(decision="more"), question_id=first.pk)

    assert Question.objects.filter(turn=turn, status="open").count() == 1


def test_of_two_answers_at_the_same_moment_one_counts(asked, monkeypatch):
    from chat.services.asking import answers

    turn = asked("approval")
    settle = answers.settle

    def while_another_answers(*given):
        monkeypatch.setattr(answers, "settle", settle)
        give(turn, decision="deny")
        return settle(*given)

    monkeypatch.setattr(answers, "settle", while_another_answers)
    with pytest.raises(Refusal, match="answered already"):
        give(turn, decision="once")

    assert turn.questions.get().answer["decision"] == "deny"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("question", {}),
        ("question", {"answers": [{}]}),
        ("question", {"answers": [{"choice": 2}, {}]}),
        ("question", {"answers": [{"choice": True}, {}]}),
        ("question", {"answers": [{"text": "MySQL"}, {}]}),
        ("question", {"answers": [{}, {"text": "x" * 2001}]}),
        ("approval", {}),
        ("approval", {"decision": "build"}),
        ("approval", {"decision": "deny", "text": "x" * 2001}),
        ("plan", {"decision": "once"}),
        ("plan", {"decision": "change"}),
        ("plan", {"decision": "build", "steps": [" "]}),
        ("plan", {"decision": "build", "steps": ["x"] * 31}),
        ("budget", {"decision": "all"}),
    ],
)
def test_a_wrong_answer_is_refused_and_the_turn_waits_on(asked, kind, given):
    turn = asked(kind)

    with pytest.raises(Refusal) as refused:
        give(turn, **given)

    turn.refresh_from_db()
    assert refused.value.code == "invalid"
    assert (turn.status, turn.questions.get().status) == ("waiting", "open")


def test_a_waiting_turn_is_nobodys_orphan(asked):
    from chat.services import orphans

    turn = asked("plan")

    assert orphans.fail_orphans() == 0

    turn.refresh_from_db()
    assert turn.status == "waiting"


def test_a_waiting_turn_takes_no_share_and_an_answered_one_does(asked, owner, settings):
    from chat.services import conversations, turns

    settings.TURNS_PER_USER = 1
    turn = asked("budget")
    turns.start_turn(conversations.create(owner, model="demo"), "Hello")

    with pytest.raises(Refusal, match="your share"):
        give(turn, decision="more")

    turn.refresh_from_db()
    assert turn.status == "waiting"


def test_a_worker_that_dies_before_it_took_the_answer_up_loses_nothing(asked):
    from chat.models import Turn
    from chat.services import orphans, turns

    turn = give(asked("budget"), decision="more")
    turns.claim(turn.pk)
    Turn.objects.filter(pk=turn.pk).update(worker="local/1/dead")

    assert orphans.fail_orphans() > 0

    turn.refresh_from_db()
    assert (turn.status, turn.questions.get().status) == ("queued", "answered")


def test_a_worker_that_dies_with_the_answer_in_use_does_not_do_it_twice(asked):
    from chat.models import Turn
    from chat.services import orphans, turns
    from chat.services.asking import waiting

    turn = give(asked("approval"), decision="once")
    turns.claim(turn.pk)
    assert waiting.use(waiting.given_answer(turn))
    Turn.objects.filter(pk=turn.pk).update(worker="local/1/dead")

    orphans.fail_orphans()

    turn.refresh_from_db()
    assert turn.status == "failed"


def test_an_answered_turn_is_handed_in_again_when_redis_has_forgotten_it(asked, settings):
    from chat.models import Turn
    from chat.services import orphans
    from vibe.jobs.queue import is_waiting
    from vibe.streams.redis import sync_client

    turn = give(asked("budget"), decision="more")
    Turn.objects.filter(pk=turn.pk).update(created_at="2026-01-01T00:00:00Z")
    sync_client().flushall()

    assert orphans.fail_orphans() == 1
    assert is_waiting(settings.CHAT_QUEUE, f"{turn.pk}-1")


def test_the_list_says_which_conversation_waits(asked, owner):
    from chat.services import conversations, stopping

    turn = asked("plan")
    rows = conversations.list_for(owner)
    assert conversations.with_status(rows).get().last_status == "waiting"

    stopping.stop_turn(turn)
    assert conversations.with_status(rows).get().last_status == "stopped"


def test_what_is_allowed_for_the_conversation_is_asked_anew_after_another_choice(asked):
    from chat.services import conversations

    turn = give(asked("approval"), decision="conversation")
    turn.conversation.refresh_from_db()
    assert turn.conversation.allowed == ["delete"]

    assert conversations.choose_approval(turn.conversation, "risky").allowed == []

"""The forms of what a turn asks, as a browser without scripts sends them."""

from __future__ import annotations

import pytest

from tests.chat.agent.asking import PLAN
from tests.fixtures.rows import make_conversation, make_turn

ONE = {"question": "Which?", "choices": ["A <b>", "B"], "default": 0, "free_text": True}
APPROVAL = {
    "what": "Run a command",
    "exact": "rm -r a",
    "reasons": [{"name": "delete", "title": "Delete many files", "why": "Gone."}],
}


@pytest.fixture
def asked(alice):
    from chat.services.asking import waiting
    from chat.services.asking.waiting import Asked

    def wait(kind, **asks):
        turn = make_turn(make_conversation(alice), status="running")
        waiting.begin(turn, Asked(kind, asks))
        return turn

    return wait


def test_the_page_shows_the_question_as_a_form_and_says_who_is_waited_for(page, asked):
    turn = asked("question", questions=[ONE])

    html = page.get(f"/c/{turn.conversation_id}/").content.decode()

    assert "<title>Waiting for you · A todo app – Vibe</title>" in html
    assert f'action="/turns/{turn.pk}/answer/"' in html
    assert "A &lt;b&gt;" in html and 'name="pressed-0" value="1"' in html
    assert "waits for you</span>" in html, "the list of conversations"


def test_a_pressed_choice_is_the_answer(page, asked):
    turn = asked("question", questions=[ONE])
    question = turn.questions.get()
    form = {"question": question.pk, "questions": "1", "pressed-0": "1", "text-0": ""}

    response = page.post(f"/turns/{turn.pk}/answer/", form)

    assert response.headers["Location"] == f"/c/{turn.conversation_id}/"
    question.refresh_from_db()
    assert question.answer["answers"][0]["answer"] == "B"


def test_words_of_ones_own_are_the_answer(page, asked):
    turn = asked("question", questions=[ONE])

    page.post(f"/turns/{turn.pk}/answer/", {"questions": "1", "text-0": "C", "own": "1"})

    assert turn.questions.get().answer["answers"][0]["answer"] == "C"


def test_the_card_of_an_approval_shows_exactly_what_is_done_and_why_one_is_asked(page, asked):
    turn = asked("approval", **APPROVAL)

    html = page.get(f"/c/{turn.conversation_id}/").content.decode()

    assert ">rm -r a</pre>" in html and "Delete many files." in html


def test_the_steps_of_a_plan_are_taken_as_they_were_edited(page, asked):
    turn = asked("plan", **PLAN)

    form = {"decision": "build", "step": ["One", " ", "Two"], "text": ""}
    page.post(f"/turns/{turn.pk}/answer/", form)

    assert turn.questions.get().answer["steps"] == ["One", "Two"]


def test_the_second_tab_gets_the_answer_that_counts_and_a_word(page, asked):
    turn = asked("question", questions=[ONE])
    form = {"questions": "1", "pressed-0": "1"}
    page.post(f"/turns/{turn.pk}/answer/", form)

    late = page.post(f"/turns/{turn.pk}/answer/", form, headers={"HX-Request": "true"})

    assert late.status_code == 200
    assert "answered already" in late.content.decode()
    assert "#thread" in late.content.decode()


@pytest.mark.parametrize("form", [{"mode": "dream"}, {}])
def test_a_mode_that_does_not_exist_is_refused(page, alice, form):
    conversation = make_conversation(alice)

    page.post(f"/c/{conversation.pk}/mode/", form)

    conversation.refresh_from_db()
    assert conversation.mode == "build"


def test_the_rules_are_shown_to_people(page):
    from chat.tools.risks import RULES

    html = page.get("/risks/").content.decode()

    assert all(rule.title in html for rule in RULES)


def test_bob_cannot_answer(other, asked):
    turn = asked("question", questions=[ONE])

    assert other.post(f"/turns/{turn.pk}/answer/", {"questions": "1"}).status_code == 404

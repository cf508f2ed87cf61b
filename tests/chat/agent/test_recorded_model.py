"""A recording is chosen like any model; each message plays its next part."""

from __future__ import annotations

import json

import pytest

from chat.models import Turn

TWO = {
    "format": "vibe-recorded-session",
    "version": 1,
    "title": "Two",
    "turns": [
        {"request": "Greet", "steps": [{"thought": "Be kind.", "text": "Good morning."}]},
        {"request": "Part", "steps": [{"text": "Good night."}]},
    ],
}
MODEL = "recorded:two"


@pytest.fixture(autouse=True)
def two(settings, tmp_path):
    settings.RECORDINGS_DIR = tmp_path
    file = tmp_path / "two.json"
    file.write_text(json.dumps(TWO))
    return file


@pytest.fixture
def heard(say, parts):
    def words(text: str) -> str:
        found = parts(say(text, model=MODEL))
        return "\n".join(part.text for part in found if part.kind == "text")

    return words


def test_whatever_is_sent_the_parts_come_in_order_and_then_it_is_over(heard):
    assert "Good morning." in heard("anything")
    second = heard("something else")
    assert "Good night." in second and "Good morning." not in second
    assert "it has no more parts" in heard("more")


def test_thoughts_are_shown_as_thoughts(say, parts):
    found = parts(say("go", model=MODEL))

    assert [part.text for part in found if part.kind == "reasoning"] == ["Be kind."]


def test_a_turn_of_another_model_in_between_counts_for_nothing(heard, say):
    heard("go")
    say("thank you", model="demo")

    assert "Good night." in heard("next")


def test_an_answer_made_anew_plays_the_same_part(heard, conversation):
    heard("go")
    first = conversation.turns.get()
    second = Turn.objects.create(conversation=conversation, model="demo", status="completed")
    Turn.objects.filter(pk=first.pk).update(superseded_by=second)

    assert "Good morning." in heard("go")


def test_a_stopped_part_comes_again(heard, conversation):
    heard("go")
    conversation.turns.update(status=Turn.Status.STOPPED)

    assert "Good morning." in heard("go")


@pytest.mark.parametrize(
    ("content", "title", "detail"),
    [
        (None, "There is no recording called 'two'", "gone or was renamed"),
        ("{", "The recording 'two' cannot be played", "not JSON"),
    ],
)
def test_a_file_that_is_gone_or_broken_is_told_in_words(say, two, content, title, detail):
    two.unlink() if content is None else two.write_text(content)

    turn = say("go", model=MODEL)

    assert turn.status == Turn.Status.FAILED
    assert turn.error["title"] == title
    assert detail in turn.error["detail"]
    assert turn.error["action"] == "choose_model"

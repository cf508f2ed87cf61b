"""What the model thinks is folded, and stays as the reader left it."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from chat.models import Part

LONG = "First I look. " * 40


def shown(state: str, text: str, *, is_shown: bool = True) -> str:
    part = Part(kind="reasoning", state=state, text=text)
    view = {"is_shown": is_shown}
    return render_to_string("chat/_reasoning.html", {"part": part, "view": view, "html": text})


@pytest.mark.parametrize("state", ["streaming", "done"])
def test_a_thought_is_folded_while_it_comes_and_afterwards(state: str) -> None:
    opening = re.search(r"<details[^>]*>", shown(state, LONG))
    assert opening is not None
    assert " open" not in opening[0]


def test_a_thought_says_that_it_is_still_coming() -> None:
    assert "Thinking" in shown("streaming", "")


def test_a_thought_of_no_time_and_few_words_takes_no_room() -> None:
    assert "<details" not in shown("done", "Hm.", is_shown=False)

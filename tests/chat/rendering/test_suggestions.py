"""Suggestions of the demo model are buttons that send them word for word."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from chat.rendering.markdown import render
from chat.rendering.suggestions import with_buttons


def sent(text: str) -> list[str]:
    html = with_buttons(render(text), "conv_1")
    return [
        json.loads(unescape(values))["message"] for values in re.findall(r'hx-vals="([^"]*)"', html)
    ]


@pytest.mark.parametrize(
    "suggestion",
    [
        "Add dark mode",
        "Run `python3 --version`",
        "What's the URL for port 3000?",
        "Ändere die Farbe in Grün",
        "Show site/index.html",
    ],
)
def test_a_suggestion_is_sent_as_it_is_written(suggestion):
    assert sent(f"Next you could say **{suggestion}**.") == [suggestion]


def test_several_are_told_apart():
    assert sent("- **Build a quiz**\n- **Undo**") == ["Build a quiz", "Undo"]


def test_what_a_person_typed_becomes_no_markup():
    html = with_buttons(render('**"><img src=x onerror=alert(1)>**'), "conv_1")

    assert "<img" not in html


def test_only_answers_of_the_demo_model_have_them(owner):
    from chat.models import Message, Part, Turn
    from chat.rendering.thread import part_view
    from chat.services import conversations

    conversation = conversations.create(owner, model="demo")
    for position, (model, expected) in enumerate([("demo", True), ("openai:x", False)]):
        turn = Turn.objects.create(conversation=conversation, model=model, status="completed")
        message = Message.objects.create(
            conversation=conversation, turn=turn, role="assistant", position=position
        )
        part = Part(message=message, kind="text", state="done", text="**Undo**")
        assert ("hx-post" in part_view(part, message)["html"]) is expected


def test_of_a_recording_only_next_is_a_button():
    html = with_buttons(render("Press **Next** or **Add dark mode**."), "conv_1", only=("Next",))

    assert html.count("<button") == 1
    assert "<strong>Add dark mode</strong>" in html

"""Suggestions of the demo model are buttons that send them word for word."""

from __future__ import annotations

import json
import re
import time
from html import unescape

import pytest

from chat.rendering.markdown import render
from chat.rendering.suggestions import apart, with_buttons


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
    from chat.rendering.parts import part_view
    from chat.services import conversations

    conversation = conversations.create(owner, model="demo")
    for position, (model, expected) in enumerate([("demo", True), ("openai:x", False)]):
        turn = Turn.objects.create(conversation=conversation, model=model, status="completed")
        message = Message.objects.create(
            conversation=conversation, turn=turn, role="assistant", position=position
        )
        part = Part(message=message, kind="text", state="done", text="**Undo**")
        assert ("hx-post" in part_view(part, message)["html"]) is expected


@pytest.mark.parametrize(
    "block",
    [
        "```suggestions\nAdd dark mode\nRun `npm test`\n```",
        "```suggestions  \r\n- Add dark mode\r\n- Run `npm test`\r\n```\n\n",
        "``` suggestions\nx\n```\n```suggestions\n1. Add dark mode\n2) Run `npm test`",
    ],
)
def test_a_block_at_the_end_of_an_answer_becomes_suggestions(block):
    text, found = apart(f"It is ready.\n\n{block}")

    assert found == ["Add dark mode", "Run `npm test`"]
    assert text.startswith("It is ready.") and "Add dark" not in text


@pytest.mark.parametrize(
    "text",
    [
        "Plain.",
        "```suggestions\nAdd dark mode\n```\nMore words.",
        "In a line: ```suggestions\nx\n```",
        "```suggestionsbox\nx\n```",
    ],
)
def test_an_answer_without_such_a_block_at_its_end_stays_whole(text):
    assert apart(text) == (text, [])


def test_of_many_and_long_suggestions_few_are_shown():
    lines = "\n".join(["x" * 500, "same", "same", *(f"number {n}" for n in range(20))])

    assert apart(f"```suggestions\n{lines}\n```") == (
        "", ["same", "number 0", "number 1", "number 2"],
    )  # fmt: skip


def test_a_hostile_answer_full_of_openings_takes_no_time():
    text = "```suggestions\n" * 30_000
    began = time.process_time()

    apart(text)

    assert time.process_time() - began < 0.5


def test_suggestions_of_every_model_send_themselves(owner):
    from chat.models import Message, Part, Turn
    from chat.rendering.parts import part_html
    from chat.services import conversations

    conversation = conversations.create(owner, model="openai:x")
    turn = Turn.objects.create(conversation=conversation, model="openai:x", status="completed")
    message = Message.objects.create(
        conversation=conversation, turn=turn, role="assistant", position=0
    )
    text = 'Ready.\n\n```suggestions\nAdd "dark" <mode>\n```'

    html = part_html(Part(message=message, kind="text", state="done", text=text))

    assert 'value="Add &quot;dark&quot; &lt;mode&gt;"' in html
    assert f"/c/{conversation.pk}/send/" in html and "```" not in html


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_demo_model_prints_them_in_the_form_that_all_models_are_told_of(language):
    from chat.agent.demo.chips import at_the_end
    from chat.agent.demo.speech import Voice

    voice = Voice(language)
    offers = f"{voice.offer('dark')}, {voice.offer('undo')}"
    words = f"Done.\n\n{voice('build.next', offers=offers)}"

    assert apart(at_the_end(words)) == ("Done.", [voice("try.dark"), voice("try.undo")])

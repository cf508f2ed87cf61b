"""What people ask for in four languages, and what the demo model takes it for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chat.agent.demo.understanding.intent import understand

REQUESTS = [
    (text.lstrip("+"), text.startswith("+"), expected, language)
    for language, rows in json.loads(
        Path(__file__).with_name("demo_requests.json").read_text(encoding="utf-8")
    ).items()
    for text, expected in rows
]


@pytest.mark.parametrize(("text", "has_app", "expected", "language"), REQUESTS)
def test_a_request_is_understood(text, has_app, expected, language):
    """A "+" before a request in the data means that something was built before it."""
    name, recipe, subject = [*expected.split(), "", ""][:3]

    intent = understand(text, has_app=has_app)

    assert intent.name == name
    assert (recipe, subject) in {
        (intent.recipe, intent.subject), (intent.recipe, ""), ("", "")
    }  # fmt: skip


def test_at_most_one_request_in_five_is_refused():
    refused = [text for text, has_app, *_ in REQUESTS if _refuses(text, has_app)]

    assert len(REQUESTS) >= 120
    assert len(refused) <= len(REQUESTS) / 5, refused


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_language_of_nearly_all_requests_is_known(language):
    texts = [text for text, _, _, spoken in REQUESTS if spoken == language]
    known = [text for text in texts if understand(text).language in (language, "")]

    assert len(known) >= 0.9 * len(texts), set(texts) - set(known)


def test_a_long_text_is_understood_by_its_beginning():
    article = " ".join(f"wrod{number:x}letters" for number in range(20_000))

    assert understand(f"make a quiz about this: {article}").recipe == "quiz"


def _refuses(text: str, has_app: bool) -> bool:
    return understand(text, has_app=has_app).name == "unknown"

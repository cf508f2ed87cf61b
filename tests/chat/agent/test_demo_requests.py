"""What people ask for in four languages, and what the demo model takes it for."""

from __future__ import annotations

import pytest

from chat.agent.demo.understanding.intent import understand
from chat.agent.demo.understanding.meaning import Intent
from tests.chat.agent.demo_requests import REQUESTS


# Those of the exam were written without a look at the vocabulary.
@pytest.mark.parametrize(("text", "has_app", "expected", "language"), REQUESTS)
def test_a_request_is_understood(text, has_app, expected, language):
    """A "+" before a request in the data means that something was built before it; "|" stands
    between two readings that are as good.
    """
    intent = understand(text, has_app=has_app)

    assert any(_is(intent, reading) for reading in expected.split("|")), intent


def _is(intent: Intent, reading: str) -> bool:
    name, recipe, subject = [*reading.split(), "", ""][:3]
    return intent.name == name and (recipe, subject) in {
        (intent.recipe, intent.subject), (intent.recipe, ""), ("", "")
    }  # fmt: skip


def test_at_most_one_request_in_five_is_refused():
    refused = [text for text, has_app, *_ in REQUESTS if _refuses(text, has_app)]

    assert len(REQUESTS) >= 200
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

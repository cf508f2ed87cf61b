"""A PDF of many pages, each of which takes long, takes no turn's time for ever."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from chat.services.attaching import pdf_text


def test_after_its_time_the_rest_of_a_pdf_is_left_out() -> None:
    asked: list[str] = []

    def text(function: str, path: str, number: str = "") -> str:
        asked.append(number)
        return "words" if number else "200"

    with (
        patch("chat.services.attaching.pdf_text.bounded.text", text),
        patch("chat.services.attaching.pdf_text.SECONDS", 0.0),
    ):
        assert pdf_text.beginning(Path("x.pdf"), 10_000) == ("words", True)
    assert asked == ["", "0"]

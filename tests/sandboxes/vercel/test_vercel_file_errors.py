"""Failures of file operations, in the words that the clients look for."""

from __future__ import annotations

import pytest

from sandboxes.vercel.files import file_error
from vibe.refusal import Refusal


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (Refusal("File exists.", code="conflict"), "File exists."),
        (Refusal("There is a folder.", code="conflict"), "File exists. There is a folder."),
        (
            Refusal("No such file or directory: a", code="not_found"),
            "No such file or directory: a",
        ),
        (Refusal("It is gone.", code="not_found"), "No such file or directory. It is gone."),
    ],
)
def test_the_words_are_said_once(refused: Refusal, words: str) -> None:
    assert str(file_error(refused)) == words

from __future__ import annotations

from pathlib import Path

import pytest

from chat.services.attaching import pdf_text
from tests.chat.pdfs import pdf


@pytest.fixture
def read(tmp_path: Path):
    def of(content: bytes, most: int = 1000):
        path = tmp_path / "x"
        path.write_bytes(content)
        return pdf_text.beginning(path, most)

    return of


def test_the_words_of_all_pages_are_found(read):
    assert read(pdf("The first page", "The second page")) == (
        "The first page\n\nThe second page",
        False,
    )


def test_a_long_one_is_read_as_far_as_is_wanted(read):
    text, more = read(pdf("A page", "Another", "And another"), most=8)
    assert (text, more) == ("A page\n\nAnother", True)


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing", b"%PDF-", pdf("x")[:200]])
def test_a_broken_one_is_none(read, content):
    assert read(content) is None or read(content)[0] == ""


def test_one_whose_pages_lead_in_a_circle_ends(read):
    circle = pdf("A page").replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    assert read(circle) is None or read(circle)[0] == ""

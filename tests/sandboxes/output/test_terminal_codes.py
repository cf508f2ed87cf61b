"""Output without what only a terminal understands."""

from __future__ import annotations

import pytest

from sandboxes.output.terminal_codes import last_states, without_codes
from sandboxes.output.text import PlainText

CODES = [
    "\x1b[1;31m",
    "\x1b[?25l",
    "\x1b[2K",
    "\x9b31m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\",
    "\x9d0;title\x9c",
    "\x1bP1$r0m\x1b\\",
    "\x1b^private\x1b\\",
    "\x1b_application\x1b\\",
    "\x1bXstring\x1b\\",
    "\x1b(B",
    "\x1b)0",
    "\x1b#8",
    "\x1b7",
    "\x1b8",
    "\x1b=",
    "\x1b>",
    "\x1bc",
    "\x1bM",
    "\x85",
]


@pytest.mark.unit
@pytest.mark.parametrize("code", CODES, ids=repr)
def test_no_code_stays_in_a_text(code):
    assert without_codes(f"a{code}b") == "ab"


@pytest.mark.unit
@pytest.mark.parametrize("code", CODES, ids=repr)
def test_a_code_that_comes_in_pieces_does_not_show(code):
    text = PlainText()
    shown = "".join(text.feed(bytes([byte])) for byte in f"a{code}b".encode())
    assert shown + text.end() == "ab"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("drawn", "seen"),
    [
        ("50%\r100%\r", "100%"),
        ("50%\r100%", "100%"),
        ("50%\r100%\r\nnext\r\n", "100%\nnext\n"),
        ("|\b/\b-", "-"),
        ("tag\b\b\bname", "name"),
        ("ab\b \b", "a"),
        ("plain", "plain"),
    ],
)
def test_a_line_is_as_it_stands_at_last(drawn, seen):
    assert last_states(drawn) == seen

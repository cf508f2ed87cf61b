"""What a model gets of files and output with lines beyond any use."""

from __future__ import annotations

import pytest

from chat.tools.command_output import clean
from chat.tools.long_lines import within
from chat.tools.read_file.excerpt import CHARACTERS, excerpt

pytestmark = pytest.mark.unit


def test_a_minified_file_takes_little_room_and_its_rest_can_be_read():
    text = "a" * 190_000 + "END\nshort\n"

    content, note = excerpt(text, 1, 1)
    last, _ = excerpt(text, 1, 190_001)

    assert len(content) < 3_000 and "188,003 more characters" in content and "short" in content
    assert "line=1 column=2001" in note
    assert last.endswith("END")


def test_a_file_of_many_lines_is_read_on_by_line():
    text = "".join(f"{number}\n" for number in range(1, 50_001))

    content, note = excerpt(text, 1, 1)

    following = content.count("\n") + 2
    assert len(content) <= CHARACTERS
    assert f"read on with line={following}" in note
    assert excerpt(text, following, 1)[0].startswith(f"{following}\n")


def test_a_short_file_is_given_as_it_is():
    assert excerpt("a\r\nb\n", 1, 1) == ("a\r\nb\n", "")


def test_a_line_behind_the_end_is_told():
    assert excerpt("a\nb\n", 9, 1) == ("", "The file has 2 lines.")


def test_a_long_line_of_output_is_cut_and_its_last_state_counts():
    assert clean("10%\r" + "x" * 5_000).endswith("[… 3,000 more characters of this line]")
    assert clean("\x1b(B50%\r100%\r") == "100%"


def test_a_list_ends_where_its_room_does():
    assert within(["aaaa", "bbbb", "cccc"], 10) == ["aaaa", "bbbb"]

"""The exact-match rules of edits, without a sandbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.tools.edit_file.edits import Edit, applied
from vibe.refusal import Refusal


def refusal(text: str, *edits: Edit) -> str:
    with pytest.raises(Refusal) as raised:
        applied(text, list(edits))
    return str(raised.value)


def test_edits_apply_one_after_the_other() -> None:
    edits = [Edit(find="a", replace="b"), Edit(find="bb", replace="c")]
    assert applied("ab", edits) == "c"


def test_a_text_that_is_there_twice_is_not_guessed_at() -> None:
    words = refusal("x\ny\nx\n", Edit(find="x", replace="z"))
    assert "2 places, on lines 1, 3" in words
    assert applied("x\ny\nx\n", [Edit(find="x", replace="z", everywhere=True)]) == "z\ny\nz\n"


def test_the_closest_line_is_told() -> None:
    words = refusal("def main():\n    print('a')\n", Edit(find="print('b')", replace=""))
    assert "Line 2 comes closest" in words
    assert "whitespace only" in refusal("\tif x:\n", Edit(find="    if x:\n", replace=""))
    assert "read_file" in refusal("", Edit(find="x", replace=""))


def test_edits_that_change_nothing_are_told() -> None:
    assert "change nothing" in refusal("x", Edit(find="x", replace="x"))


def test_line_ends_of_the_file_stay() -> None:
    edit = Edit(find="one\ntwo", replace="1\n2")
    assert applied("one\r\ntwo\r\nthree\r\n", [edit]) == "1\r\n2\r\nthree\r\n"


@given(st.text(max_size=40), st.text(min_size=1, max_size=5), st.text(max_size=5))
def test_an_edit_either_is_exact_or_is_refused(text: str, find: str, replace: str) -> None:
    try:
        after = applied(text, [Edit(find=find, replace=replace)])
    except Refusal:
        assert text.count(find) != 1 or find == replace
    else:
        assert after == text.replace(find, replace, 1) or "\r\n" in text


@pytest.mark.parametrize(
    ("text", "find", "replace", "after"),
    [
        ("a\r\nb\r\n", "b", "x\ny", "a\r\nx\r\ny\r\n"),
        ("a\r\nb\r\n", "a\nb", "x\ny\nz", "x\r\ny\r\nz\r\n"),
        ("a\r\nb", "b", "x\ny", "a\r\nx\r\ny"),
        ("a\r\nb\nc\n", "a", "x\ny", "x\r\ny\r\nb\nc\n"),
        ("a\r\nb\nc\n", "b", "x\ny", "a\r\nx\ny\nc\n"),
        ("a\nb\n", "a\r\nb", "x\r\ny", "x\ny\n"),
    ],
)
def test_a_line_that_is_replaced_by_several_keeps_its_line_end(text, find, replace, after) -> None:
    assert applied(text, [Edit(find=find, replace=replace)]) == after

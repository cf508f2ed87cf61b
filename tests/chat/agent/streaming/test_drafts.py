"""What unfinished arguments say of the files that a call writes."""

from __future__ import annotations

import json

import pytest

from chat.agent.streaming.drafts import NAMED, TAIL, of_tool

pytestmark = pytest.mark.unit


def written(text: str, *, tool: str = "write_files", size: int = 3):
    whole: list[tuple[str, str]] = []
    draft = of_tool(tool, lambda file: whole.append((file.path, file.content)))
    for at in range(0, len(text), size):
        draft.feed(text[at : at + size])
    return draft, whole


def test_a_file_is_whole_once_its_object_is_closed():
    _, whole = written('{"files": [{"path": "a", "content": "one"}, {"path": "b", "content": "tw')

    assert whole == [("a", "one")]


def test_the_name_may_come_after_the_content():
    _, whole = written('{"files": [{"content": "one", "path": "a"}')

    assert whole == [("a", "one")]


@pytest.mark.parametrize(
    "text",
    [
        '{"files": [{"path": "a"}, ',
        '{"files": [{"content": "a"}, ',
        '{"files": [{"path": 1, "content": "a"}, ',
        '{"files": [{"path": "a", "content": ["a"]}, ',
        '{"files": [{"path": "a", "content": null}, ',
        '{"files": [{"path": "a", "content": "1", "content": "2"}, ',
        '{"files": {"path": "a", "content": "x"}}',
        '{"other": [{"path": "a", "content": "x"}]}',
        'no json {"files": [{"path": "a", "content": "x"}]}',
        '"{\\"files\\": [{\\"path\\": \\"a\\", \\"content\\": \\"x\\"}]}"',
    ],
)
def test_what_is_no_file_for_sure_is_none(text):
    assert written(text)[1] == []


def test_arguments_name_the_file_at_work_and_the_end_of_its_text():
    content = "0123456789" * (TAIL // 10 + 5)
    begun = '{"files": [{"path": "a", "content": "1\\n2\\n"}, {"path": "b", "content": "'
    draft, _ = written(begun + content)

    assert draft.arguments() == {
        "files": [
            {"path": "a", "lines": 2},
            {"path": "b", "lines": 0, "tail": content[-TAIL:], "size": len(content), "number": 1},
        ]
    }


def test_thousands_of_files_do_not_swell_the_row():
    files = [{"path": str(n), "content": "x"} for n in range(NAMED + 50)]

    draft, whole = written(json.dumps({"files": files}), size=1000)

    assert (len(draft.arguments()["files"]), len(whole)) == (NAMED, NAMED + 50)


def test_an_edit_shows_what_it_puts_in():
    text = (
        '{"path": "a.py", "edits": [{"find": "x", "replace": "one"}, {"find": "y", "replace": "tw'
    )
    draft, whole = written(text, tool="edit_file")

    assert draft.arguments()["files"][0]["tail"] == "one\n…\ntw"
    assert whole == []


def test_text_after_a_place_is_found_across_pieces():
    draft, _ = written('{"files": [{"path": "a", "content": "abcdefgh', size=1)

    assert [draft.files[0].after(n) for n in (0, 3, 8)] == ["abcdefgh", "defgh", ""]

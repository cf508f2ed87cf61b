"""JSON read in pieces is the JSON read at once, wherever it is cut."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from chat.agent.streaming.json_reader import DEEPEST, Begun, Broken, Ended, JsonReader, More

pytestmark = pytest.mark.unit

VALUE = {
    "files": [
        {"path": 'a"b\\c', "content": "é 漢 😀\n\t\u0007\x7f</script>/"},
        {"content": "", "path": "😀/ü"},
        {},
    ],
    "none": [],
    "n": -1.5e3,
    "yes": True,
    "no": None,
    "": {"": "x"},
}


def read(pieces: list[str]) -> Any:
    """The value that the events build."""
    root: dict[Any, Any] = {}
    reader = JsonReader()
    for piece in pieces:
        for event in reader.feed(piece):
            match event:
                case More(path, text):
                    root[path] = root.get(path, "") + text
                case Ended(path, value) if value is not None:
                    root[path] = value
                case Begun(path):
                    root.setdefault(path, "")
    return root


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_cuts_change_nothing(ascii_only, size):
    text = json.dumps(VALUE, ensure_ascii=ascii_only)

    found = read([text[at : at + size] for at in range(0, len(text), size)])

    assert found == read([text])
    assert found["files", 0, "content"] == VALUE["files"][0]["content"]
    assert found["files", 1, "path"] == "😀/ü"
    assert (found["n",], found["yes",], found["", ""]) == (-1500.0, True, "x")


@pytest.mark.parametrize("text", ['"\\ud83dx"', '"\\ude00x"', '"\\ud83d\\u0041"', '"\\ud83d\\n"'])
def test_half_a_character_becomes_the_sign_for_one(text):
    found = read(list(text))[()]

    assert found[0] == "\ufffd" and len(found) == 2


@pytest.mark.parametrize(
    "text", ["{,", "]", "[}", '{"a" 1', "[1 2]", '"\\x"', '"\\u12g4"', "{} {}", "[" * 99, "truee "]
)
def test_what_is_no_json_is_told(text):
    with pytest.raises(Broken):
        read([text])


def test_as_deep_as_it_may_be_is_read():
    assert read(["[" * DEEPEST + "]" * DEEPEST]) is not None


def test_a_megabyte_in_small_pieces_takes_no_longer_for_each_than_a_tenth_of_it():
    def cost(length: int) -> float:
        text = json.dumps({"files": [{"path": "a", "content": "a line of it\n" * (length // 14)}]})
        began = time.process_time()
        read_events = JsonReader()
        for at in range(0, len(text), 40):
            for _ in read_events.feed(text[at : at + 40]):
                pass
        return (time.process_time() - began) / length

    # Quadratic it would be ten times as much.
    assert cost(1_000_000) < 4 * min(cost(100_000) for _ in range(3))

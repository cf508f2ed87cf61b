"""Texts of strangers: parsed in a process that is ended when it takes too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from vibe import bounded
from vibe.bounded import calls
from vibe.shares.owner import set_owner
from vibe.web.highlight import highlighted_file

pytestmark = pytest.mark.unit

HARMLESS = "def f():\n    return 1\n"


@pytest.fixture(autouse=True)
def processes() -> Iterator[None]:
    set_owner("test")
    yield
    calls.close()


def test_what_the_function_returns_comes_back() -> None:
    assert bounded.text("html:escape", "a < b") == "a &lt; b"


def test_text_that_is_no_unicode_goes_there_and_back() -> None:
    assert bounded.text("html:escape", "half \ud83d") == "half \ud83d"


def test_a_function_that_fails_gives_nothing_and_the_next_call_works() -> None:
    assert bounded.text("html:no_such_function") is None
    assert bounded.text("builtins:chr", "not a number") is None
    assert bounded.text("html:escape", ">") == "&gt;"


BOMBS = {
    "pattern.ts": "<" * 40_000,
    "pattern.py": "'" + "\\'" * 20_000,
    "pattern.css": "a" + "[" * 40_000,
    "empty.java": "\n" * 20_000 + "x",
    "pattern.js": "/" + "(" * 40_000,
    "pattern.rb": "%" * 40_000,
    "pattern.md": "[" * 40_000,
    "pattern.html": "<a " * 20_000,
    "pattern.yaml": "- " * 20_000,
    "pattern.sql": "/*" * 20_000,
}


@pytest.mark.parametrize("path", BOMBS)
def test_no_file_keeps_anybody_waiting(path: str) -> None:
    began = time.process_time()
    html, language = highlighted_file(BOMBS[path], path)

    assert html
    assert language
    assert time.process_time() - began < 0.5  # of this process, which answers everybody


def test_what_took_too_long_once_is_not_tried_again() -> None:
    bomb = "\n" * 20_001 + "x"
    began = time.monotonic()
    first, _ = highlighted_file(bomb, "once.java")
    tried = time.monotonic()
    made = threading.active_count()

    again, _ = highlighted_file(bomb, "once.java")

    assert again == first
    assert time.monotonic() - tried < (tried - began) / 2
    assert threading.active_count() <= made


def test_one_owner_s_slow_texts_leave_a_process_to_the_others() -> None:
    slow = [
        threading.Thread(target=_as, args=("greedy", f"{n}" + "\n" * 20_000 + "x", "a.java"))
        for n in range(4)
    ]
    for thread in slow:
        thread.start()
    html: list[str] = []
    modest = threading.Thread(target=lambda: html.append(_as("modest", HARMLESS, "a.py")))
    modest.start()
    modest.join(10)
    for thread in slow:
        thread.join(30)

    assert '<span class="k">def</span>' in html[0]


def _as(owner: str, source: str, path: str) -> str:
    set_owner(owner)
    return highlighted_file(source, path)[0]

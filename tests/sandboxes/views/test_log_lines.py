"""Bytes to lines in the browser: static/js/log-lines.js, run by a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

pytestmark = pytest.mark.browser
STATIC = Path(__file__).resolve().parents[3] / "static"
ORIGIN = "http://static.test"


@pytest.fixture(scope="module")
def browser_page(chromium_path: str) -> Iterator[Page]:
    def serve(route: Route) -> None:
        path = STATIC / route.request.url.removeprefix(ORIGIN).lstrip("/")
        if path.is_file():
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto(ORIGIN + "/")
        yield page
        browser.close()


@pytest.fixture
def lines(browser_page: Page) -> Callable[..., list[Any]]:
    """Feeds (stream, bytes) pieces; returns [stream, [[text, style], …]] of each line."""

    def feed(*pieces: tuple[int, bytes], skip_first: bool = False) -> list[Any]:
        return browser_page.evaluate(
            """async ([pieces, skip]) => {
                const { Lines, segments } = await import("/js/log-lines.js");
                const lines = new Lines({ skipFirst: skip });
                for (const [stream, bytes] of pieces) lines.push(stream, new Uint8Array(bytes));
                const pieces_of = (line) => segments(line).map(({ text, style }) => [text, style]);
                return lines.list.map((line) => [line.stream, pieces_of(line)]);
            }""",
            [[[stream, list(data)] for stream, data in pieces], skip_first],
        )

    return feed


def texts(found: list[Any]) -> list[str]:
    return ["".join(text for text, _ in pieces) for _, pieces in found]


def test_a_character_split_between_pieces_is_whole(lines: Callable[..., list[Any]]) -> None:
    data = "grüße 🚀\n".encode()
    assert texts(lines(*[(1, data[i : i + 1]) for i in range(len(data))])) == ["grüße 🚀"]


def test_the_streams_do_not_break_each_others_lines(lines: Callable[..., list[Any]]) -> None:
    found = lines((1, b"out-"), (2, b"err\n"), (1, b"put\n"))
    assert [(stream, text) for (stream, _), text in zip(found, texts(found), strict=True)] == [
        (1, "out-put"),
        (2, "err"),
    ]


def test_a_carriage_return_starts_the_line_again(lines: Callable[..., list[Any]]) -> None:
    assert texts(lines((1, b" 10 %\r 50 %\r100 %\r\nnext\r\n"))) == ["100 %", "next"]


def test_what_is_not_overwritten_stays(lines: Callable[..., list[Any]]) -> None:
    assert texts(lines((1, b"abcdef\rXY\n"))) == ["XYcdef"]


def test_a_long_progress_bar_stays_one_short_line(lines: Callable[..., list[Any]]) -> None:
    pieces = [(1, f"\r{n:5d} of 10000".encode()) for n in range(2000)]
    assert texts(lines(*pieces)) == [" 1999 of 10000"]


def test_colours_are_kept_over_lines_and_pieces(lines: Callable[..., list[Any]]) -> None:
    found = lines((1, b"\x1b[1;3"), (1, b"1mred\nstill\x1b[0m plain\n"))
    assert found[0][1] == [["red", {"bold": True, "front": "red"}]]
    assert found[1][1] == [["still", {"bold": True, "front": "red"}], [" plain", {}]]


@pytest.mark.parametrize(
    ("codes", "colour"),
    [
        ("38;5;9", "bright-red"),
        ("38;5;1", "red"),
        ("38;5;232", "rgb(8 8 8)"),
        ("38;2;1;2;3", "rgb(1 2 3)"),
        ("96", "bright-cyan"),
    ],
)
def test_every_kind_of_colour_is_understood(
    lines: Callable[..., list[Any]], codes: str, colour: str
) -> None:
    found = lines((1, f"\x1b[{codes}mx\n".encode()))
    assert found[0][1] == [["x", {"front": colour}]]


def test_other_escapes_are_not_shown(lines: Callable[..., list[Any]]) -> None:
    assert texts(lines((1, b"\x1b[2K\x1b]0;title\x07a\x1b[1Ab\x1b(\n")))[0].startswith("ab")


def test_a_tail_begins_with_a_whole_line(lines: Callable[..., list[Any]]) -> None:
    assert texts(lines((1, b"half a line\nwhole\n"), skip_first=True)) == ["whole"]

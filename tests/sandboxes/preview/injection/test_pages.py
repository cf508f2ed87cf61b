"""The script in a page, and the page otherwise as its server sent it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from sandboxes.preview import injection
from sandboxes.preview.headers import Headers
from sandboxes.preview.injection import snippet

IN_A_FRAME = [(b"sec-fetch-dest", b"iframe"), (b"sec-fetch-mode", b"navigate")]
HTML = (b"content-type", b"text/html; charset=utf-8")
SCRIPT = snippet.element()


async def _pieces(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def answered(
    *pieces: bytes, headers: Headers | None = None, status: int = 200
) -> tuple[Headers, bytes]:
    async def run() -> tuple[Headers, bytes]:
        page = injection.of("GET", IN_A_FRAME, wanted=True)
        assert page is not None
        given = headers if headers is not None else [HTML]
        found, stream = await page.answered(status, given, _pieces(list(pieces)))
        return found, b"".join([piece async for piece in stream])

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<!doctype html><html lang=en><head>", b"<title>x</title></head><body>hi"),
        (b"<!DOCTYPE html>\n<html>\n<head data-a='>' >", b"\n<meta charset=utf-8>"),
        (b"\xef\xbb\xbf<!doctype html>", b"<title>x</title>"),
        (b"<!-- a > b --><!doctype html>\n", b"<body class=x>"),
        (b"<!--><html>", b"<p>--></p>"),
        (b'<?xml version=\'1.0\'?><!DOCTYPE html PUBLIC "-//W3C//DTD" "x"><html>', b"<header>"),
        (b"", b"<h1>no head at all</h1>"),
        (b"  \n", b"words alone"),
        (b"", b""),
        (b"<html>", b"<header>not a head</header>"),
    ],
)
def test_the_script_stands_before_all_that_shows_or_runs(before: bytes, after: bytes):
    assert answered(before + after)[1] == before + SCRIPT + after


def test_the_place_is_the_same_however_the_page_comes_in_pieces():
    page = b"\xef\xbb\xbf<!-- x --><!doctype html><html lang='en'><head><title>\xc3\xa9</title>"
    whole = answered(page)[1]
    for size in range(1, len(page)):
        pieces = [page[at : at + size] for at in range(0, len(page), size)]
        assert answered(*pieces)[1] == whole


def test_a_page_that_streams_is_not_held_back():
    async def run() -> list[bytes]:
        go = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"<!doctype html><p>first"
            await go.wait()
            yield b"<p>second"

        page = injection.of("GET", IN_A_FRAME, wanted=True)
        assert page is not None
        _, stream = await page.answered(200, [HTML], slowly())
        first = await anext(stream)
        go.set()
        return [first, *[piece async for piece in stream]]

    assert asyncio.run(run()) == [b"<!doctype html>" + SCRIPT + b"<p>first", b"<p>second"]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<!doctype html><p>wide".encode("utf-16"), "UTF-16 with a mark"),
        ("<!doctype html><p>wide".encode("utf-16-le"), "UTF-16 without"),
        (b"<!--" + b"x" * 20_000, "a comment that does not end"),
        (b"<html lang='en>" + b"x" * 20_000, "a tag that does not end"),
    ],
)
def test_a_beginning_that_is_not_understood_is_left_alone(page: bytes, why: str):
    headers = [(b"content-type", b"text/html"), (b"content-length", b"9"), (b"etag", b'"x"')]
    assert answered(page, headers=headers) == (headers, page), why


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, [(b"content-type", b"application/json")]),
        (200, [(b"content-type", b"text/event-stream")]),
        (200, [(b"content-type", b"application/xhtml+xml")]),
        (200, []),
        (304, [HTML]),
        (206, [HTML, (b"content-range", b"bytes 0-9/100")]),
        (200, [HTML, (b"content-disposition", b'attachment; filename="a.html"')]),
        (200, [HTML, (b"content-encoding", b"br")]),
        (200, [HTML, (b"content-type", b"text/plain")]),
        (200, [HTML, (b"cache-control", b"no-transform")]),
    ],
)
def test_an_answer_that_is_no_page_passes_as_it_is(status: int, headers: Headers):
    body = b"<!doctype html><p>x"
    assert answered(body, headers=headers, status=status) == (headers, body)


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", [(b"sec-fetch-dest", b"document"), (b"sec-fetch-mode", b"navigate")], True),
        ("POST", [(b"sec-fetch-dest", b"iframe"), (b"sec-fetch-mode", b"navigate")], True),
        ("HEAD", [(b"sec-fetch-dest", b"document")], False),
        ("GET", [(b"sec-fetch-dest", b"empty"), (b"sec-fetch-mode", b"cors")], False),
        ("GET", [(b"sec-fetch-dest", b"script")], False),
        ("GET", [(b"accept", b"text/html"), (b"upgrade-insecure-requests", b"1")], True),
        ("GET", [(b"accept", b"*/*")], False),
        ("GET", [*IN_A_FRAME, (b"range", b"bytes=5-")], False),
        ("GET", [*IN_A_FRAME, (b"sec-purpose", b"prefetch")], False),
    ],
)
def test_only_what_a_browser_shows_is_a_page(method: str, headers: Headers, expected: bool):
    assert (injection.of(method, headers, wanted=True) is not None) is expected


def test_a_switch_and_a_setting_turn_it_off(settings):
    assert injection.of("GET", IN_A_FRAME, wanted=False) is None
    settings.PREVIEW_CONSOLE = False
    assert injection.of("GET", IN_A_FRAME, wanted=True) is None


def test_what_vouches_for_the_old_bytes_goes_and_the_length_is_the_new_one():
    body = b"<!doctype html><p>x"
    given = [HTML, (b"Content-Length", b"19"), (b"etag", b'"1"'), (b"digest", b"x"), (b"x-a", b"1")]
    headers, sent = answered(body, headers=given)
    assert dict(headers) == {
        b"content-type": HTML[1],
        b"Content-Length": str(len(sent)).encode(),
        b"x-a": b"1",
        b"vary": b"sec-fetch-dest",
    }


def test_a_page_that_comes_compressed_unasked_is_read_all_the_same():
    page = b"<!doctype html>" + b"x" * 500_000
    given = [HTML, (b"content-encoding", b"gzip"), (b"content-length", b"700")]
    headers, sent = answered(gzip.compress(page), headers=given)
    assert sent == b"<!doctype html>" + SCRIPT + page[15:]
    assert not {b"content-encoding", b"content-length"} & set(dict(headers))


@pytest.mark.parametrize(
    ("kind", "page", "expected"),
    [
        (b"text/html", b"<head><meta charset='windows-1251'>", b"text/html; charset=windows-1251"),
        (b"text/html; charset=latin1", b"<meta charset=utf-8>", b"text/html; charset=latin1"),
        (b"text/html", b"\xef\xbb\xbf<meta charset=latin1>", b"text/html"),
        (b"text/html", b"<!-- <meta charset=latin1> --><p>", b"text/html"),
        (
            b"text/html",
            b'<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">',
            b"text/html; charset=shift_jis",
        ),
    ],
)
def test_a_page_keeps_its_charset(kind: bytes, page: bytes, expected: bytes):
    headers, _ = answered(page, headers=[(b"content-type", kind)])
    assert dict(headers)[b"content-type"] == expected


def test_a_server_is_asked_for_the_page_as_it_is():
    page = injection.of("GET", IN_A_FRAME, wanted=True)
    assert page is not None
    given = [(b"accept-encoding", b"gzip, br"), (b"if-none-match", b'"1"'), (b"cookie", b"a=1")]
    assert page.asked(given) == [(b"cookie", b"a=1")]


def test_the_script_is_ascii_on_one_line_and_ends_no_element():
    text = snippet.text()
    assert text.isascii()
    assert b"\n" not in text
    assert b"</script" not in text.lower()

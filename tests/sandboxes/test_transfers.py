"""Downloads that are broken off, and ranges."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes import transfers
from sandboxes.engine import Reading
from sandboxes.engine.file_stream import FileStream
from sandboxes.models import Sandbox

HEADERS = st.text(max_size=12) | st.from_regex(r"bytes=\d{0,4}-\d{0,4}", fullmatch=True)


async def test_a_download_that_is_broken_off_does_not_wait_for_the_sandbox() -> None:
    ours, theirs = socket.socketpair()
    ended: list[bool] = []
    reading = Reading(FileStream(ours, 60, lambda: ended.append(True)), None, None)
    with theirs:
        theirs.sendall(b"\0\0\0\5first")
        pieces = aiter(transfers.download(reading, "large", Sandbox(pk="s")))
        assert await anext(pieces) == b"first"
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        began = time.monotonic()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert time.monotonic() - began < 10
        assert ended == [True]


@given(HEADERS, st.integers(0, 5000))
def test_a_range_lies_in_the_file_or_is_refused(header: str, size: int) -> None:
    try:
        part = transfers.span(header, size)
    except transfers.RangeRefused as refusal:
        assert refusal.size == size
    else:
        assert part is None or (part[1] > 0 and part[0] >= 0 and sum(part) <= size)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-" + "9" * 5000, (0, 10)),
        ("bytes=-" + "9" * 5000, (0, 10)),
        ("bytes=" + "0" * 5000 + "3-4", (3, 2)),
        ("bytes=3-" + "0" * 5000 + "4", (3, 2)),
        ("bytes=٣-٤", None),
    ],
)
def test_numbers_of_any_length_are_read(header: str, part: object) -> None:
    assert transfers.span(header, 10) == part


def test_a_part_that_begins_beyond_every_file_is_refused() -> None:
    with pytest.raises(transfers.RangeRefused):
        transfers.span("bytes=" + "9" * 5000 + "-", 10)

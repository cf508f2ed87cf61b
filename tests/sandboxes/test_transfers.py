"""Downloads that are broken off, and ranges."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sandboxes import transfers
from sandboxes.engine import Reading
from sandboxes.engine.file_stream import FileStream
from sandboxes.models import Sandbox
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User
from vibe.accounts.services import api_keys, rights
from vibe.refusal import Refusal

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


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["key", "sandbox"])
def test_an_upload_ends_with_the_right_to_it(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(transfers, "CHECK_SECONDS", -1)
    owner = User.objects.create_user("owner")
    key, _ = api_keys.create(owner)
    sandbox = make_sandbox(owner)
    request: Any = RequestFactory().put("/", b"x" * 3 * transfers.BLOCK)
    request.right = rights.of_key(key, ("files",))
    blocks = transfers.body(request, sandbox)
    assert len(next(blocks)) == transfers.BLOCK
    if end == "key":
        api_keys.revoke(key)
    else:
        Sandbox.objects.update(deleted_at=timezone.now())
    with pytest.raises(Refusal) as refused:
        next(blocks)
    assert refused.value.code == ("unauthorized" if end == "key" else "not_found")

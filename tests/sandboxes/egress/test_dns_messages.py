"""Questions for names, well formed and hostile."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.engine.egress.direct import dns

HEAD = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0)


def asked(name: bytes, kind: int = 1) -> bytes:
    return HEAD + name + struct.pack("!2H", kind, 1)


def test_a_question_is_read():
    question = dns.read(asked(b"\3Api\7Example\3com\0"))
    assert (question.name, question.kind, question.problem) == ("api.example.com", 1, dns.Code.OK)


def test_an_answer_repeats_the_spelling_of_the_question():
    """Some programs mix cases, and check that they come back."""
    question = dns.read(asked(b"\3aPi\4tEst\0"))
    assert b"\3aPi\4tEst\0" in dns.written(question)


@pytest.mark.parametrize(
    "name",
    [b"\xc0\x0c", b"\3api\xc0\x0c", b"\x40" + b"a" * 64 + b"\0", (b"\x3f" + b"a" * 63) * 4 + b"\0",
     b"\3ap", b"\3\xff\xfe\xfd\0", b""],
)  # fmt: skip
def test_a_name_that_loops_or_is_too_long_or_ends_early_is_malformed(name: bytes):
    assert dns.read(asked(name)).problem == dns.Code.MALFORMED


@pytest.mark.parametrize("count", [0, 2, 65535])
def test_anything_but_one_question_is_malformed(count: int):
    data = struct.pack("!6H", 7, 0, count, 0, 0, 0) + asked(b"\1a\0")[12:]
    assert dns.read(data).problem == dns.Code.MALFORMED


@pytest.mark.parametrize(
    "data",
    [b"", b"short", struct.pack("!6H", 7, 0x8000, 1, 0, 0, 0) + b"\1a\0\0\1\0\1", b"a" * 2000],
)
def test_what_is_no_question_gets_no_answer(data: bytes):
    with pytest.raises(dns.NoQuestion):
        dns.read(data)


def test_an_update_is_not_done():
    data = struct.pack("!6H", 7, 5 << 11, 1, 0, 0, 0) + asked(b"\1a\0")[12:]
    assert dns.read(data).problem == dns.Code.NOT_DONE


@given(st.binary(max_size=1100))
def test_no_bytes_break_it(data: bytes):
    try:
        question = dns.read(data)
    except dns.NoQuestion:
        return
    assert len(dns.written(question, question.problem)) <= len(data)

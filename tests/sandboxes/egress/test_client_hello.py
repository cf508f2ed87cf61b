"""The greeting of a real TLS client is read, however it is cut; nothing else passes as one."""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.engine.egress.authority import Authority, load_or_make
from sandboxes.engine.egress.client_hello import ClientHelloReader, Malformed
from tests.sandboxes.egress.hellos import HELLO, NAME, extended, greeting, in_records, named


def test_a_greeting_cut_at_any_byte_is_known_when_its_last_byte_is_there():
    for at in range(1, len(HELLO)):
        reader = ClientHelloReader()
        assert reader.feed(HELLO[:at]) is None
        hello = reader.feed(HELLO[at:])
        assert hello is not None and hello.server_name == NAME


def test_a_greeting_that_comes_byte_by_byte_is_known_at_its_last_byte():
    reader = ClientHelloReader()
    assert all(reader.feed(HELLO[at : at + 1]) is None for at in range(len(HELLO) - 1))
    hello = reader.feed(HELLO[-1:])
    assert hello is not None and hello.server_name == NAME


def test_a_greeting_in_records_of_any_size_is_known():
    for size in range(1, len(HELLO)):
        hello = ClientHelloReader().feed(in_records(HELLO, size))
        assert hello is not None and hello.server_name == NAME


@given(st.integers(1, 600), st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_records_and_pieces_of_any_sizes_together_are_known(record: int, sizes: list[int]):
    wire = in_records(HELLO, record)
    reader = ClientHelloReader()
    found = None
    for size in itertools.cycle(sizes):
        found = reader.feed(wire[:size])
        wire = wire[size:]
        if found is not None or not wire:
            break
    assert found is not None and found.server_name == NAME


def test_a_greeting_without_a_name_has_none():
    hello = ClientHelloReader().feed(greeting(None))
    assert hello is not None and hello.server_name is None


@pytest.mark.parametrize("kind", [0xFE0D, 0xFE0A, 0xFFCE])
def test_a_greeting_that_may_hide_a_name_says_so(kind: int):
    hello = ClientHelloReader().feed(extended(HELLO, kind, b"\x00" * 40))
    assert hello is not None and hello.hides
    plain = ClientHelloReader().feed(HELLO)
    assert plain is not None and not plain.hides


@pytest.mark.parametrize(
    "wire",
    [
        extended(HELLO, 0, named("evil.test")),  # the extension twice
        extended(greeting(None), 0, named(NAME, "evil.test")),
        extended(greeting(None), 0, named(NAME, kind=1)),
        extended(greeting(None), 0, named(NAME) + b"\x00"),
        HELLO[:3] + (len(HELLO) - 1).to_bytes(2, "big") + HELLO[5:] + HELLO[5:9],  # another behind
        b"\x16\x03\x01\x00\x00" + HELLO,
        b"\x16\x03\x01\xff\xff",
        b"\x17" + HELLO[1:],
        b"\x16\x02" + HELLO[2:],
        HELLO[:5] + b"\x02" + HELLO[6:],
        HELLO[:6] + b"\xff\xff\xff" + HELLO[9:],
        b"\x80\x2e\x01\x00\x02",
    ],
)
def test_what_hosts_might_read_in_another_way_is_no_greeting(wire: bytes):
    with pytest.raises(Malformed):
        ClientHelloReader().feed(wire)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], list[str | None]]:
    """served(wire) -> the names that OpenSSL, as a server, takes from these bytes."""
    authority = Authority(*load_or_make(tmp_path_factory.mktemp("authority")))
    context = authority.server_context(NAME)
    asked: list[str | None] = []

    def heard(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        asked.append(name)

    context.sni_callback = heard  # type: ignore[assignment]  # the stub knows no plain function

    def feed(wire: bytes) -> list[str | None]:
        asked.clear()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = context.wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(wire)
        with suppress(ssl.SSLError):
            server.do_handshake()
        return list(asked)

    return feed


def test_a_server_takes_the_same_name_from_it(served):
    assert served(HELLO) == [NAME] == served(in_records(HELLO, 100))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # names not ASCII
@given(st.lists(st.tuples(st.integers(0, len(HELLO) - 1), st.integers(0, 255)), max_size=3))
def test_of_a_changed_greeting_a_server_takes_no_name_but_the_one_that_was_seen(served, changes):
    wire = bytearray(HELLO)
    for at, value in changes:
        wire[at] = value
    try:
        hello = ClientHelloReader().feed(bytes(wire))
    except Malformed:
        return
    if hello is not None:
        assert set(served(bytes(wire))) <= {hello.server_name}


@given(st.binary(max_size=2000))
def test_random_bytes_are_no_greeting(data: bytes):
    try:
        assert ClientHelloReader().feed(data) is None
    except Malformed:
        pass

"""Commands that hiredis packs are, byte for byte, those that redis-py would have sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.exceptions import DataError

from vibe.streams.packing import packing_in_c
from vibe.streams.redis import async_client

theirs = UnixDomainSocketConnection()
ours = packing_in_c(UnixDomainSocketConnection)()

names = st.sampled_from(["XADD", "CONFIG GET", b"XREAD", "CLIENT SETINFO"])
words = st.one_of(st.binary(), st.text(), st.integers(), st.floats())


@given(name=names, arguments=st.lists(words))
def test_the_bytes_are_the_same(name, arguments):
    assert b"".join(ours.pack_command(name, *arguments)) == b"".join(
        theirs.pack_command(name, *arguments)
    )


def test_what_redis_does_not_know_is_refused():
    with pytest.raises(DataError):
        ours.pack_command("SET", "key", object())


async def test_the_client_of_a_loop_uses_it():
    client = async_client()
    try:
        connection = client.connection_pool.make_connection()
        assert type(connection).pack_command.__qualname__.startswith("packing_in_c")
        await client.set("packed", b"\x00\xff")
        assert await client.get("packed") == b"\x00\xff"
    finally:
        await client.aclose()

"""Addresses are known in every form in which resolvers take them."""

from __future__ import annotations

import pytest

from chat.providers.guarded import refused_literal


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1.", "10.0.0.1.", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "0"),
        *("[::1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[::]", "fd00::1"),
        *("localhost.", "LOCALHOST", "a.localhost", "169.254.169.254", "100.64.0.1"),
    ],
)
def test_no_form_of_an_inner_address_is_taken(host) -> None:
    assert refused_literal(host)


def test_a_public_address_is_taken() -> None:
    assert refused_literal("8.8.8.8") == ""

"""A page's policy with our script in it, and nothing else that it did not allow before."""

from __future__ import annotations

import pytest

from sandboxes.preview.injection.policies import allowing

HASH = b"'sha256-AAAA'"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"script-src 'self'", b"script-src 'self' HASH"),
        (b"default-src 'self'; img-src *", b"default-src 'self' HASH; img-src *"),
        (b"default-src 'none'", b"default-src HASH"),
        (b"default-src 'self'; script-src 'none'", b"default-src 'self'; script-src HASH"),
        (b"script-src", b"script-src HASH"),
        (b"SCRIPT-SRC 'Self';", b"SCRIPT-SRC 'Self' HASH;"),
        (b"script-src a; script-src-elem b", b"script-src a; script-src-elem b HASH"),
        (b"script-src a; script-src b", b"script-src a HASH; script-src b"),
        (b"script-src 'nonce-x' 'strict-dynamic'", b"script-src 'nonce-x' 'strict-dynamic' HASH"),
        # A hash beside it would forbid what it allows.
        (b"script-src 'self' 'unsafe-inline'", b"script-src 'self' 'unsafe-inline'"),
        (b"default-src * 'unsafe-inline'", b"default-src * 'unsafe-inline'"),
        # Where there is a nonce or a hash already, it allows nothing.
        (
            b"script-src 'unsafe-inline' 'nonce-a'",
            b"script-src 'unsafe-inline' 'nonce-a' HASH",
        ),
        (b"script-src 'unsafe-inline' 'sha256-B='", b"script-src 'unsafe-inline' 'sha256-B=' HASH"),
        (b"img-src 'none'; frame-src a", b"img-src 'none'; frame-src a"),
        (b"sandbox", b"sandbox"),
        (b"", b""),
        (
            b"script-src 'self', default-src 'none'; script-src 'nonce-a'",
            b"script-src 'self' HASH, default-src 'none'; script-src 'nonce-a' HASH",
        ),
    ],
)
def test_a_policy_allows_the_script_and_nothing_more(given: bytes, expected: bytes):
    assert allowing(given, HASH) == expected.replace(b"HASH", HASH)

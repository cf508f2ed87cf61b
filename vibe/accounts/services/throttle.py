"""How often one may try a password."""

from __future__ import annotations

import math
from contextlib import suppress
from hashlib import sha256

from redis.exceptions import RedisError

from vibe import token_bucket
from vibe.refusal import Refusal

CAPACITY = 10  # failures in a row before one has to wait
SECONDS_PER_TOKEN = 30


def _key(address: str, username: str) -> str:
    who = sha256(f"{address}\n{username.casefold()}".encode("utf-8", "replace")).hexdigest()
    return f"sign-in:{who}"


def take(address: str, username: str) -> None:
    """Count one attempt; Refusal when too many came from this address for this user."""
    try:
        taken = token_bucket.take(
            _key(address, username), capacity=CAPACITY, seconds_per_token=SECONDS_PER_TOKEN
        )
    except RedisError:
        # Without the count anybody could guess without end; links still sign in.
        raise Refusal(
            "Passwords cannot be checked right now: the platform's Redis does not answer.",
            "Try again in a minute.",
        ) from None
    if taken.wait:
        raise Refusal("Too many wrong passwords.", f"Try again in {math.ceil(taken.wait)} seconds.")


def forget(address: str, username: str) -> None:
    """Give back what a right password had taken."""
    with suppress(RedisError):
        token_bucket.fill(_key(address, username))

"""How often one may try a password.

What is counted is the name that the check itself looks up and where the attempt comes from: both
together, the name alone (many addresses guess at one user) and the address alone (one address
tries many names). A user who is guessed at from everywhere signs in by a link, which is not
counted, or waits for the next token like everybody.
"""

from __future__ import annotations

import math
from contextlib import suppress
from hashlib import sha256

from redis.exceptions import RedisError

from vibe import token_bucket
from vibe.refusal import Code, Refusal
from vibe.token_bucket import Bucket

CAPACITY = 10  # failures in a row of one address at one user before one has to wait
SECONDS_PER_TOKEN = 30
# Of one address at anybody: an office may be behind it.
CAPACITY_OF_ADDRESS, SECONDS_OF_ADDRESS = 60, 10
# Of anybody at one user.
CAPACITY_OF_USER, SECONDS_OF_USER = 60, 30


def take(address: str, username: str) -> None:
    """Count one attempt; Refusal when there were too many. `username`: as it is looked up, empty
    when it cannot be anybody's; `address`: see `vibe/client_address.py`."""
    try:
        taken = token_bucket.take(*_buckets(address, username))
    except RedisError:
        # Without the count anybody could guess without end; links still sign in.
        raise Refusal(
            "Passwords cannot be checked right now: the platform's Redis does not answer.",
            "Try again in a minute.",
            Code.UNAVAILABLE,
        ) from None
    if taken.wait:
        raise Refusal(
            "Too many wrong passwords.",
            f"Try again in {math.ceil(taken.wait)} seconds, or sign in by a link.",
            Code.LIMIT,
        )


def forget(address: str, username: str) -> None:
    """Give back what a right password had taken. Only its own attempt to the address and to the
    user: whoever knows one password must not guess on at others."""
    pair, *others = _buckets(address, username)
    with suppress(RedisError):
        token_bucket.fill(pair)
        token_bucket.give_back(*others)


def _buckets(address: str, username: str) -> list[Bucket]:
    found = [
        Bucket(_key("pair", address, username), CAPACITY, SECONDS_PER_TOKEN),
        Bucket(_key("address", address), CAPACITY_OF_ADDRESS, SECONDS_OF_ADDRESS),
    ]
    if username:
        found.append(Bucket(_key("user", username), CAPACITY_OF_USER, SECONDS_OF_USER))
    return found


def _key(kind: str, *words: str) -> str:
    return f"sign-in:{kind}:{sha256(chr(10).join(words).encode('utf-8', 'replace')).hexdigest()}"

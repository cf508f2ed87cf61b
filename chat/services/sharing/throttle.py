"""How often one address may ask for shared pages, and how often for links that are none."""

from __future__ import annotations

import math

from redis.exceptions import RedisError

from vibe import token_bucket
from vibe.refusal import Code, Refusal
from vibe.token_bucket import Bucket

# Whoever drags the scrubber asks for some pages a second, and an office may share an address.
PAGES, SECONDS_PER_PAGE = 120, 0.5
# A word has 256 bits: this is against the work that looking for them makes.
MISSES, SECONDS_PER_MISS = 20, 10
# Of one link, whoever asks: each page reads rows and files.
OF_LINK, SECONDS_OF_LINK = 300, 0.1


def take(address: str) -> None:
    """Count a page that is asked for, before it is known whether there is one. Raises Refusal."""
    _take(Bucket(f"shared:pages:{address}", PAGES, SECONDS_PER_PAGE))


def missed(address: str) -> None:
    """Count a link that is none. Raises Refusal."""
    _take(Bucket(f"shared:misses:{address}", MISSES, SECONDS_PER_MISS))


def take_of(share_id: str) -> None:
    """Count a page of this link. Raises Refusal."""
    _take(Bucket(f"shared:link:{share_id}", OF_LINK, SECONDS_OF_LINK))


def _take(bucket: Bucket) -> None:
    try:
        wait = token_bucket.take(bucket).wait
    except RedisError:
        raise Refusal(
            "Shared pages cannot be shown right now: the platform's Redis does not answer.",
            "Try again in a minute.",
            Code.UNAVAILABLE,
        ) from None
    if wait:
        seconds = math.ceil(wait)
        raise Refusal(
            "Too many shared pages were asked for.",
            f"Try again in {seconds} second{'' if seconds == 1 else 's'}.",
            Code.LIMIT,
            retry_after=seconds,
        )

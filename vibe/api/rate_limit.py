"""How many requests a minute one caller may send.

Who calls is what authentication made of the request and not what stands in it, so that no way of
writing a credential counts anew: an API key by its row, all keys and sessions of a user together,
and whoever is nobody by his address.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from vibe import client_address, token_bucket
from vibe.accounts.services.rights import Right
from vibe.refusal import Code, Refusal
from vibe.token_bucket import Bucket

# A caller that was quiet may send this share of a minute's requests at once.
BURST = 4
# So many keys of one user may be used to the full.
KEYS_OF_A_USER = 4


class TooMany(Refusal):
    """The caller has sent more requests than it may."""


def count(request: HttpRequest, right: Right) -> None:
    """Count a request of a known caller. Raises TooMany."""
    by = f"key:{right.key}" if right.key else f"browser:{right.user}"
    _take(request, [(by, 1), (f"user:{right.user}", KEYS_OF_A_USER)])


def answered(
    request: HttpRequest,
    response: HttpResponseBase,
    refused: Callable[[TooMany], HttpResponseBase],
) -> HttpResponseBase:
    """The response with the headers that say what is left.

    A request that nobody was known for counts now, by its address; `refused` words the answer when
    there were too many.
    """
    kept = cast(Any, request)
    if not hasattr(kept, "right"):
        try:
            _take(request, [(f"address:{client_address.network_of(request)}", 1)])
        except TooMany as error:
            response = refused(error)
    for name, value in getattr(kept, "rate_headers", {}).items():
        response[name] = value
    return response


def _take(request: HttpRequest, callers: list[tuple[str, int]]) -> None:
    """Without Redis nobody is counted: whoever asks for work that needs it hears of it there."""
    rate = settings.API_RATE
    if rate <= 0:
        return
    capacity = max(1, rate // BURST)
    seconds = 60 / rate
    buckets = [
        Bucket(f"api-rate:{caller}", capacity * share, seconds / share) for caller, share in callers
    ]
    try:
        taken = token_bucket.take(*buckets)
    except RedisError:
        return
    headers = cast(Any, request).rate_headers = {
        "RateLimit-Limit": str(capacity),
        "RateLimit-Remaining": str(min(taken.left)),
        "RateLimit-Reset": str(math.ceil((capacity - min(taken.left[0], capacity)) * seconds)),
    }
    if taken.wait:
        wait = max(1, math.ceil(taken.wait))
        headers["Retry-After"] = str(wait)
        raise TooMany(
            f"Too many requests: {rate} a minute is the limit.",
            f"Try again in {wait} s. Waiting and following (`wait`, `follow`) cost one each.",
            Code.LIMIT,
        )

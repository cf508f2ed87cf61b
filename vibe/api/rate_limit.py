"""How many requests a minute one caller may send."""

from __future__ import annotations

import math

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from vibe import token_bucket
from vibe.api import credential, errors

# A caller that was quiet may send this share of a minute's requests at once.
BURST = 4


def check(request: HttpRequest) -> tuple[dict[str, str], HttpResponseBase | None]:
    """(headers for the answer, the refusal when there were too many requests).

    Each credential has a bucket of its own. Without Redis nobody is counted: whoever asks for
    work that needs Redis hears of it there.
    """
    rate = settings.API_RATE
    if rate <= 0:
        return {}, None
    capacity = max(1, rate // BURST)
    seconds = 60 / rate
    try:
        taken = token_bucket.take(
            f"api-rate:{credential.digest(request)}", capacity=capacity, seconds_per_token=seconds
        )
    except RedisError:
        return {}, None
    headers = {
        "RateLimit-Limit": str(capacity),
        "RateLimit-Remaining": str(taken.left),
        "RateLimit-Reset": str(math.ceil((capacity - taken.left) * seconds)),
    }
    if not taken.wait:
        return headers, None
    wait = max(1, math.ceil(taken.wait))
    refusal = errors.answer(
        "limit",
        f"Too many requests: {rate} a minute is the limit.",
        f"Try again in {wait} s. Waiting and following (`wait`, `follow`) cost one request each.",
    )
    refusal["Retry-After"] = str(wait)
    return headers, refusal

"""A token bucket in Redis: how often one may try a password."""

from __future__ import annotations

from hashlib import sha256

from redis.exceptions import RedisError

from vibe.accounts.services.errors import AccountError
from vibe.streams.redis import sync_client

CAPACITY = 10  # failures in a row before one has to wait
SECONDS_PER_TOKEN = 30

# One script, so that attempts at the same moment cannot all see the last token. Redis' own clock:
# web processes on several machines need not agree about the time.
_TAKE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local capacity, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local tokens = tonumber(bucket[1]) or capacity
local at = tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) / seconds)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) * seconds) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity * seconds))
return wait
"""


def _key(address: str, username: str) -> str:
    who = sha256(f"{address}\n{username.casefold()}".encode("utf-8", "replace")).hexdigest()
    return f"sign-in:{who}"


def take(address: str, username: str) -> None:
    """Count one attempt; AccountError when too many came from this address for this user."""
    try:
        wait = int(
            sync_client().eval(_TAKE, 1, _key(address, username), CAPACITY, SECONDS_PER_TOKEN)
        )
    except RedisError:
        # Without the count anybody could guess without end; links still sign in.
        raise AccountError(
            "Passwords cannot be checked right now: the platform's Redis does not answer.",
            "Try again in a minute.",
        ) from None
    if wait:
        raise AccountError("Too many wrong passwords.", f"Try again in {wait} seconds.")


def forget(address: str, username: str) -> None:
    """Give back what a right password had taken."""
    try:
        sync_client().delete(_key(address, username))
    except RedisError:
        return

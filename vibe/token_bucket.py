"""A token bucket in Redis: how often something may happen, counted for all processes alike."""

from __future__ import annotations

from dataclasses import dataclass

from vibe.streams.redis import sync_client

# One script, so that calls at the same moment cannot all see the last token. Redis' own clock:
# processes on several machines need not agree about the time.
_TAKE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local capacity, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local tokens = tonumber(bucket[1]) or capacity
local at = tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) / seconds)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) * seconds end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity * seconds) + 1)
return {math.floor(tokens), tostring(wait)}
"""


@dataclass(frozen=True)
class Taken:
    """`left`: whole tokens that remain. `wait`: seconds until there is one, 0 if one was taken."""

    left: int
    wait: float


def take(key: str, *, capacity: int, seconds_per_token: float) -> Taken:
    """Take one token of the bucket `key`. Raises redis.RedisError when nobody can count."""
    left, wait = sync_client().eval(_TAKE, 1, key, capacity, seconds_per_token)
    return Taken(int(left), float(wait))


def fill(key: str) -> None:
    """Forget what was taken. Raises redis.RedisError."""
    sync_client().delete(key)

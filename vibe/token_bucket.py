"""Token buckets in Redis: how often something may happen, counted for all processes alike."""

from __future__ import annotations

from dataclasses import dataclass

from vibe.streams.redis import sync_client

# One script, so that calls at the same moment cannot all see the last token. Redis' own clock:
# processes on several machines need not agree about the time.
_TAKE = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local tokens, longest = {}, 0
for i, key in ipairs(KEYS) do
  local capacity, seconds = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  local left = tonumber(bucket[1]) or capacity
  local at = tonumber(bucket[2]) or now
  tokens[i] = math.min(capacity, left + math.max(0, now - at) / seconds)
  if tokens[i] < 1 then longest = math.max(longest, (1 - tokens[i]) * seconds) end
end
local left = {}
for i, key in ipairs(KEYS) do
  local capacity, seconds = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  if longest == 0 then tokens[i] = tokens[i] - 1 end
  redis.call('HSET', key, 'tokens', tostring(tokens[i]), 'at', tostring(now))
  redis.call('EXPIRE', key, math.ceil(capacity * seconds) + 1)
  left[i] = math.floor(tokens[i])
end
return {tostring(longest), unpack(left)}
"""
_GIVE_BACK = """
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('HINCRBYFLOAT', key, 'tokens', 1) end
end
"""


@dataclass(frozen=True)
class Bucket:
    """Holds `capacity` tokens and gets one back every so many seconds."""

    key: str
    capacity: int
    seconds_per_token: float


@dataclass(frozen=True)
class Taken:
    """`left`: whole tokens that remain in each bucket. `wait`: seconds until every bucket has one,
    0 if one was taken of each."""

    left: tuple[int, ...]
    wait: float


def take(*buckets: Bucket) -> Taken:
    """Take one token of every bucket, or of none when one is empty.

    Raises redis.RedisError when nobody can count.
    """
    sizes = [number for one in buckets for number in (one.capacity, one.seconds_per_token)]
    wait, *left = sync_client().eval(_TAKE, len(buckets), *(one.key for one in buckets), *sizes)
    return Taken(tuple(int(count) for count in left), float(wait))


def give_back(*buckets: Bucket) -> None:
    """Put one token back into each. Raises redis.RedisError."""
    sync_client().eval(_GIVE_BACK, len(buckets), *(one.key for one in buckets))


def fill(bucket: Bucket) -> None:
    """Forget what was taken. Raises redis.RedisError."""
    sync_client().delete(bucket.key)

"""A stream of numbered JSON events, kept in Redis for as long as somebody may catch up."""

from __future__ import annotations

import json
import time
from typing import Any

import redis

from vibe.streams.entries import Entry, entry_id, parse_range, parse_read
from vibe.streams.redis import blocking_client, sync_client

Event = dict[str, Any]
MAX_EVENTS = 20_000
# Long enough for a page that was asleep; afterwards the rows in the database tell everything.
LIFETIME = 6 * 3600

# Numbers go on from the writer's own last number also when Redis has lost the stream.
_APPEND = """
local last = tonumber(ARGV[1])
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if newest[1] then
  local found = tonumber(string.match(newest[1][1], '^(%d+)'))
  if found > last then last = found end
end
local number = last + 1
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], string.format('%d-0', number), 'e', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return number
"""


class EventStream:
    """Appends and reads events under `key`; the number of an event is the cursor of a reader."""

    def __init__(self, key: str, *, after: int = 0) -> None:
        """`after`: the last number that the writer knows of, e.g. from the database."""
        self.key = key
        self._last = after

    def append(self, **event: Any) -> int:
        """Add an event and return its number (1, 2, 3 …). Raises redis.RedisError."""
        client = sync_client()
        script = client.register_script(_APPEND)
        payload = json.dumps(event, separators=(",", ":"))
        number = int(script([self.key], [self._last, payload, MAX_EVENTS, LIFETIME]))
        self._last = number
        return number

    def read(self, after: int = 0) -> list[tuple[int, Event]]:
        """All events with a number above `after`."""
        answer = sync_client().xrange(self.key, min=entry_id(after + 1))
        return decode(parse_range(answer))

    def wait(self, after: int, seconds: float) -> int:
        """Block until there is an event above `after` or the time is over; the newest number."""
        try:
            answer = blocking_client().xread(
                {self.key: entry_id(after)}, block=max(1, int(seconds * 1000))
            )
        except redis.ConnectionError:
            # Redis is being restarted; the caller looks at the database and comes back.
            time.sleep(min(seconds, 0.2))
            return after
        entries = parse_read(answer).get(self.key, [])
        return entries[-1][0] if entries else after

    def last(self) -> int:
        """Number of the newest event; 0 when there is none."""
        newest = parse_range(sync_client().xrevrange(self.key, count=1))
        return newest[0][0] if newest else 0

    def finish(self, expire: int = 900) -> None:
        """Nothing follows: let Redis forget the stream after `expire` seconds."""
        sync_client().expire(self.key, expire)


def publish(key: str, **event: Any) -> None:
    """Append an event that only tells of a change in the database; without Redis it is dropped.

    A page that misses it reads the same from the database when it reconnects.
    """
    try:
        EventStream(key).append(**event)
    except redis.ConnectionError:
        return


def cursor(text: str) -> int:
    """The number that a client sent as its cursor; 0 for anything that is none."""
    # Python refuses to read thousands of digits, and reads those of other scripts.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def decode(entries: list[Entry]) -> list[tuple[int, Event]]:
    return [(number, json.loads(fields[b"e"])) for number, fields in entries]

"""The short road: plain requests to servers that have been asked before.

The long one goes through the web server, an ASGI application and an HTTP client, and costs each
request about a millisecond of a processor. Here a request is its two sockets and the rules between
them, which are the same. Whatever is out of the ordinary takes the long road: bodies, WebSockets,
the first request to a port, servers with TLS, refusals. Under another server than Daphne
everything does.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import NamedTuple

from django.conf import settings

from sandboxes.preview import access, entry, pools
from sandboxes.preview.host import Target
from sandboxes.preview.quick import heads, plan
from sandboxes.preview.quick.exchange import Exchange
from sandboxes.preview.quick.plan import Plan
from sandboxes.preview.wire import Wire
from vibe.web.daphne_seam import Lent

logger = logging.getLogger(__name__)

LARGEST_HEAD = 32 * 1024
MOST_WAITING = 64 * 1024  # bytes of requests behind the one that is being answered
IDLE_AFTER = 5.0  # seconds without a request, after which Daphne has the connection again
PLANS = 4  # sets of headers that one connection has sent


def take(lent: Lent, data: bytes) -> bool:
    """Serve what came on a connection and what comes after it, if it is for this road."""
    if _domain() not in data:
        return False
    road = Road(lent)
    asked = road.understood(data)
    if asked is None or not _is_open(asked.plan.target):
        return False
    road.open(asked)
    return True


def _is_open(target: Target) -> bool:
    """Whether requests have gone to the port lately, so that it is known what it speaks."""
    known = access.latest(target.sandbox_id)
    return known is not None and pools.plain(target, known) is not None


@cache
def _domain() -> bytes:
    return settings.PREVIEW_DOMAIN.lower().encode()


class Asked(NamedTuple):
    """A request that this road may serve. head: as it came. rest: what came behind it. passed: its
    head as the server gets it."""

    head: bytes
    rest: bytes
    plan: Plan
    passed: bytes


class Road:
    """One client's connection for as long as it asks for what this road serves."""

    wire: Wire

    def __init__(self, lent: Lent) -> None:
        self._lent = lent
        self._loop = asyncio.get_running_loop()
        self._plans: dict[tuple[bytes, bytes], Plan | None] = {}
        self._exchange: Exchange | None = None
        self._looking: asyncio.Task[None] | None = None  # what precedes an exchange
        self._head = b""  # of the request that is being answered
        self._waiting = b""  # what came behind it
        self._last = False  # the answer under way, or just written, is the last one
        self._idle_since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def open(self, asked: Asked) -> None:
        """Take the connection, and answer the first request."""
        self._lent.take()
        self.wire = Wire(self._lent.socket, self._loop, self)
        self._timer = self._loop.call_later(IDLE_AFTER, self._look)
        self._begin(asked)

    def understood(self, data: bytes) -> Asked | None:
        """The request at the beginning of what came; None where it has to take the long road."""
        end = data.find(heads.END) + len(heads.END)
        if not len(heads.END) <= end <= LARGEST_HEAD:
            return None
        line, _, block = data[: end - 2].partition(b"\r\n")
        try:
            method, path = heads.request_line(line)
            found = self._plan(method, block)
        except heads.Unusual:
            return None
        if found is None or plan.is_ours(path):
            return None
        passed = b"%b %b HTTP/1.1\r\n%b" % (method, path, found.fields)
        return Asked(data[:end], data[end:], found, passed)

    # What the exchange tells.

    def answered(self, *, closes: bool) -> None:
        self._exchange = None
        self._idle_since = self._loop.time()
        self._last = closes
        if not self.wire.is_full:
            self._next()

    def turned_back(self) -> None:
        self._exchange = None
        self._give_back(self._head + self._waiting)

    def broken_off(self, *, at_once: bool) -> None:
        self._exchange = None
        if at_once:
            self._abort()
        elif self.wire.is_full:
            self._last = True
        else:
            self._close()

    # What happens on the wire to the client.

    def came(self, wire: Wire, data: bytes) -> None:
        if self._is_busy() or wire.is_full:
            self._waiting += data
            if len(self._waiting) > MOST_WAITING:
                wire.pause()
        else:
            self._go_on(data)

    def ended(self, _wire: Wire) -> None:
        if self._is_busy():
            self._abort()
        else:
            self._give_back(b"")

    def emptied(self, _wire: Wire) -> None:
        if self._exchange is not None:
            self._exchange.go_on()
        else:
            self._next()

    def failed(self, _wire: Wire) -> None:
        self._abort()

    def _is_busy(self) -> bool:
        return self._exchange is not None or self._looking is not None or self._last

    def _next(self) -> None:
        if self._last:
            self._close()
            return
        self.wire.resume()
        if self._waiting:
            data, self._waiting = self._waiting, b""
            self._go_on(data)

    def _go_on(self, data: bytes) -> None:
        asked = self.understood(data)
        if asked is None:
            self._give_back(data)
        else:
            self._begin(asked)

    def _begin(self, asked: Asked) -> None:
        self._head, self._waiting = asked.head, asked.rest
        if not self._exchanges(asked):
            self._looking = self._loop.create_task(self._look_up(asked), name="preview access")

    def _exchanges(self, asked: Asked) -> bool:
        """Begin the exchange, if it may begin at once."""
        plan = asked.plan
        known = access.at_hand(plan.target.sandbox_id)
        allowed = entry.at_once(plan.counted, known, plan.target) if known else None
        pool = pools.plain(plan.target, known) if known else None
        if known is None or allowed is None or pool is None:
            return False
        self._exchange = Exchange(self, plan, asked.passed, known, allowed, pool)
        self._exchange.start()
        return True

    async def _look_up(self, asked: Asked) -> None:
        """Begin it once it is known anew whether it may; else it takes the long road."""
        try:
            if _is_open(asked.plan.target):
                await access.look_up(asked.plan.target.sandbox_id)
        except Exception as error:
            logger.debug("A sandbox could not be looked up: %s", error)
        self._looking = None
        if not self._exchanges(asked):
            self.turned_back()

    def _plan(self, method: bytes, block: bytes) -> Plan | None:
        key = (method, block)
        if key not in self._plans:
            if len(self._plans) >= PLANS:
                self._plans.clear()
            self._plans[key] = plan.of(method, block, self._lent.client)
        return self._plans[key]

    def _look(self) -> None:
        """Give a silent connection back, whose patience with silence is Daphne's."""
        silent = not (self._is_busy() or self.wire.is_full)
        left = self._idle_since + IDLE_AFTER - self._loop.time() if silent else IDLE_AFTER
        if left <= 0:
            self._timer = None
            self._give_back(self._waiting)
        else:
            self._timer = self._loop.call_later(left, self._look)

    def _give_back(self, data: bytes) -> None:
        self._leave()
        self._lent.give_back(data)

    def _abort(self) -> None:
        self._leave()
        if self._looking is not None:
            self._looking.cancel()
        if self._exchange is not None:
            self._exchange.abandon()
            self._exchange = None
        self._lent.abort()

    def _close(self) -> None:
        self._leave()
        self._lent.close()

    def _leave(self) -> None:
        self.wire.leave()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

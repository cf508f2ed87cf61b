"""One request on the short road: asked, answered, or sent back to the long one.

Only requests that may be asked twice come here, so most of what goes wrong before an answer has
begun is left to the long road, which asks again or says why not.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol
from urllib.parse import unquote

from sandboxes.preview import faults, places, pouring, proxy, reason_page, reasons
from sandboxes.preview.access import Access
from sandboxes.preview.entry import Allow
from sandboxes.preview.pools import Pool
from sandboxes.preview.quick import heads
from sandboxes.preview.quick.bodies import LAST, Body, Broken, Counted, piece
from sandboxes.preview.quick.plan import Passage, Plan, as_answer
from sandboxes.preview.wire import Wire
from sandboxes.services import spoken
from vibe.accounts.right_guard import guard
from vibe.accounts.services.rights import Loss
from vibe.shares import Busy, Release

logger = logging.getLogger(__name__)

LARGEST_HEAD = 100 * 1024  # as on the long road
SWITCHING, FIRST_FINAL = 101, 200
# No cache on the way keeps it for others; the browser's own does as the app says.
FOR_ONE_ALONE = b"cache-control: private\r\n\r\n"


class Client(Protocol):
    """Who has asked. wire: the connection to it."""

    wire: Wire

    def answered(self, *, closes: bool) -> None:
        """The answer has been written. closes: it was the last one."""
        ...

    def turned_back(self) -> None:
        """The request is to take the long road."""
        ...

    def broken_off(self, *, at_once: bool) -> None:
        """The answer cannot be completed. at_once: nor be read any further."""
        ...


class Exchange:
    """asked: the head of the request as the server gets it."""

    def __init__(
        self,
        client: Client,
        plan: Plan,
        asked: bytes,
        known: Access,
        allowed: Allow,
        pool: Pool,
    ) -> None:
        self.client, self.plan, self.asked = client, plan, asked
        self._is_shared = allowed.is_shared
        self.known, self.pool = known, pool
        self._wire: Wire | None = None
        self._is_kept = False  # the wire has carried a request before
        self._held = b""  # the beginning of a head
        self._passage: Passage | None = None
        self._body: Body | None = None
        self._task: asyncio.Task[None] | None = None
        self._watch = guard().watch(*allowed.held, self._right_lost)
        self._release: Release | None = places.free_for_request(known)

    def start(self) -> None:
        wire = self.pool.wires.take() if self._release else None
        if wire is None:
            self._task = asyncio.create_task(self._prepare(), name="preview request")
        else:
            self._ask(wire, is_kept=True)

    def abandon(self) -> None:
        """Nobody waits for the answer any more."""
        self._end()
        if self._wire is not None:
            self._wire.cut()

    def go_on(self) -> None:
        """The client has read what was sent."""
        if self._task is None and self._wire is not None:
            self._wire.resume()

    # What happens on the wire to the server.

    def came(self, _wire: Wire, data: bytes) -> None:
        if self._body is None:
            self._take_head(self._held + data)
        else:
            self._pass(data)

    def ended(self, wire: Wire) -> None:
        if self._body is None:
            if self._is_kept:  # closed just as it was used again
                return self._turn_back()
            self._task = asyncio.create_task(self._explain(), name="preview request")
            return None
        try:
            self._body.end()
        except Broken:
            return self.failed(wire)
        return self._pass(b"")

    def emptied(self, _wire: Wire) -> None:
        """The request has been sent, of which some had to wait."""

    def failed(self, _wire: Wire) -> None:
        self.abandon()
        self.client.broken_off(at_once=False)

    async def _prepare(self) -> None:
        try:
            if self._release is None:
                self._release = await places.wait_for_request(self.known)
            kept = self.pool.wires.take()
            wire = kept or await self.pool.wires.new()
        except Busy:
            return self._refuse(reasons.TOO_MANY)
        except Exception as error:
            logger.debug("No short road into the sandbox: %s", error)
            return self._turn_back()
        self._task = None
        return self._ask(wire, is_kept=kept is not None)

    def _ask(self, wire: Wire, *, is_kept: bool) -> None:
        self._wire, self._is_kept = wire, is_kept
        wire.owner = self
        wire.write(self.asked)

    def _take_head(self, data: bytes) -> None:
        """Read the head of the answer once it is whole; interim ones are passed over."""
        while True:
            end = data.find(heads.END) + len(heads.END)
            if end < len(heads.END):
                self._held = data
                if len(data) > LARGEST_HEAD:
                    self._leave_the_port()
                return None
            try:
                passage = self.plan.passage(data[:end])
            except heads.Unusual:
                return self._leave_the_port()
            if passage.status == SWITCHING:
                return self._turn_back()
            data = data[end:]
            if passage.status >= FIRST_FINAL:
                break
        spoken.heard(self.known.session_id, self.plan.target.port, http=True)
        method, path = self.asked.split(b" ", 2)[:2]
        faults.seen(
            self.known,
            self.plan.target,
            method.decode("latin-1"),
            unquote(path.partition(b"?")[0].decode("latin-1")),
            passage.status,
        )
        self._held = b""
        self._passage, self._body = passage, passage.body()
        head = passage.head if self._is_shared else passage.head[:-2] + FOR_ONE_ALONE
        return self._pass(data, head)

    def _pass(self, data: bytes, before: bytes = b"") -> None:
        """Send the browser what there is of the body, behind `before`."""
        passage, body = self._passage, self._body
        assert passage is not None and body is not None and self._wire is not None
        try:
            content = body.feed(data)
        except Broken:
            return self.failed(self._wire)
        if passage.links is not None:
            content = passage.links.feed(content) + (passage.links.end() if body.done else b"")
        if passage.framed:
            content = piece(content) + (LAST if body.done else b"")
        if before or content:
            self.client.wire.write(before + content)
        if body.done:
            self._complete(self._wire, passage.keeps and body.exact)
        elif self.client.wire.is_full:
            self._wire.pause()
        elif isinstance(body, Counted) and not passage.framed and body.left >= pouring.WORTH:
            self._wire.pause()
            self._task = asyncio.create_task(
                self._pour(self._wire, body.left, passage.keeps), name="preview"
            )
        return None

    async def _pour(self, wire: Wire, size: int, keeps: bool) -> None:
        try:
            await pouring.pour(wire.number, self.client.wire.number, size)
        except pouring.Ended:
            self._task = None
            return self.failed(wire)
        self._task = None
        return self._complete(wire, keeps)

    def _complete(self, wire: Wire, keeps: bool) -> None:
        self.pool.answered_plainly()
        if keeps:
            self.pool.keep_wire(wire)
        else:
            wire.cut()
        self._end()
        self.client.answered(closes=self.plan.closes)

    async def _explain(self) -> None:
        reason = await proxy.why_broken(self.known, self.plan.target)
        self._refuse(reason)

    def _refuse(self, reason: reasons.Reason) -> None:
        self._task = None
        self.abandon()
        site = self.plan.inside.site
        page = reason_page.page(reason, self.plan.given, site.target, site.scheme)
        self.client.wire.write(as_answer(page, self.plan))
        self.client.answered(closes=self.plan.closes)

    def _leave_the_port(self) -> None:
        """Its answers are to be read with more patience, this one and those to come."""
        self.pool.is_odd = True
        self._turn_back()

    def _turn_back(self) -> None:
        self._task = None
        self.abandon()
        self.client.turned_back()

    def _right_lost(self, _loss: Loss) -> None:
        self.abandon()
        self.client.broken_off(at_once=True)

    def _end(self) -> None:
        """Give back whatever it holds, but for the wire."""
        self._watch.close()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._release is not None:
            self._release()
            self._release = None

"""A connected socket in an event loop, without anything between.

What asyncio's transports and streams and httpcore do for a request costs ten times what the
request itself does.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Protocol

logger = logging.getLogger(__name__)

READ = 64 * 1024


class Owner(Protocol):
    """Who is told what happens on a wire."""

    def came(self, wire: Wire, data: bytes, /) -> None: ...
    def ended(self, wire: Wire, /) -> None:
        """The other side sends nothing more, or is gone."""
        ...

    def emptied(self, wire: Wire, /) -> None:
        """All has been sent, after a `write` that could not send all."""
        ...

    def failed(self, wire: Wire, /) -> None:
        """What it was told made it raise."""
        ...


class Wire:
    """sock: does not block. Whoever made it closes it."""

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop, owner: Owner) -> None:
        self.socket = sock
        self.owner = owner
        self.number = sock.fileno()
        self._loop = loop
        self._rest = b""
        self._reads = False
        self.resume()

    @property
    def is_full(self) -> bool:
        """Whether something waits until the other side reads."""
        return bool(self._rest)

    def pause(self) -> None:
        """Read nothing more for now."""
        if self._reads:
            self._reads = False
            self._loop.remove_reader(self.number)

    def resume(self) -> None:
        if not self._reads:
            self._reads = True
            self._loop.add_reader(self.number, self._readable)

    def write(self, data: bytes) -> None:
        """Send what can be sent now, the rest later: then `is_full`."""
        if not self._rest:
            try:
                sent = self.socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._loop.call_soon(self._gone)
                return
            if sent == len(data):
                return
            data = data[sent:]
            self._loop.add_writer(self.number, self._writable)
        self._rest += data

    def leave(self) -> None:
        """Watch the socket no more; what waits to be sent is dropped."""
        self.pause()
        if self._rest:
            self._rest = b""
            self._loop.remove_writer(self.number)
        self.owner = NOBODY

    def cut(self) -> None:
        """Leave it and close the socket."""
        # Connections of a loop that has ended ended with it.
        if not self._loop.is_closed():
            self.leave()
        self.socket.close()

    def _readable(self) -> None:
        try:
            data = self.socket.recv(READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._gone()
            return
        try:
            self.owner.came(self, data)
        except Exception:
            self._failed()

    def _writable(self) -> None:
        try:
            sent = self.socket.send(self._rest)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._gone()
            return
        self._rest = self._rest[sent:]
        if not self._rest:
            self._loop.remove_writer(self.number)
            try:
                self.owner.emptied(self)
            except Exception:
                self._failed()

    def _gone(self) -> None:
        self.pause()
        if self._rest:
            self._rest = b""
            self._loop.remove_writer(self.number)
        try:
            self.owner.ended(self)
        except Exception:
            self._failed()

    def _failed(self) -> None:
        logger.exception("A connection of a preview is given up")
        self.owner.failed(self)


class _Nobody:
    def came(self, _wire: Wire, _data: bytes, /) -> None:
        pass

    def ended(self, _wire: Wire, /) -> None:
        pass

    def emptied(self, _wire: Wire, /) -> None:
        pass

    def failed(self, _wire: Wire, /) -> None:
        pass


NOBODY = _Nobody()

"""What the host writes to a command's standard input: in order, counted, each byte once."""

from __future__ import annotations

import os

from .channel import Connection
from .ready import WRITE, Ready
from .refusal import Refused

MAX_WAITING = 16  # requests; each fits a message, so their bytes are bounded too
UNAVAILABLE = "stdin_unavailable"


class _Request:
    def __init__(self, connection: Connection, offset: int | None, data: bytes, close: bool):
        self.connection = connection
        self.offset = offset
        self.data = data
        self.close = close
        self.begun = False


class StandardInput:
    """Owns the descriptor that leads to the command: a pipe's write end, or a terminal.

    The count of what the command has taken is kept here and not with the host, so it is right
    whichever of the host's processes dies between writing and remembering that it wrote.
    """

    def __init__(self, descriptor: int, ready: Ready) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.ready = ready
        self.written = 0
        self.waiting: list[_Request] = []
        self.watched = False

    @property
    def open(self) -> bool:
        return self.descriptor >= 0

    def serve(self, connection: Connection, request: dict) -> None:
        """Answer `{written, open}` once everything asked for has been taken; raises Refused.

        `data` is base64. `offset` says where it begins: bytes below the count are skipped, so a
        request can be repeated; an offset above the count is refused, code `gap`. `close` ends
        the input behind the data. A request with none of these is answered at once.
        """
        offset, close = request.get("offset"), request.get("close") is True
        if offset is not None and (type(offset) is not int or offset < 0):
            raise Refused("invalid", "offset must be a number of bytes.")
        import base64  # most sandboxes live without

        try:
            data = base64.b64decode(request.get("data") or "", validate=True)
        except (TypeError, ValueError):
            raise Refused("invalid", "data must be base64.")
        if not data and not close:
            connection.send(self._standing())
        elif len(self.waiting) >= MAX_WAITING:
            raise Refused("busy", "Too many writes wait for this command to read.")
        else:
            self.waiting.append(_Request(connection, offset, data, close))
            self._go_on()

    def forget(self, connection: Connection) -> None:
        """Its host has hung up: what has not been taken yet never will be."""
        self.waiting = [one for one in self.waiting if one.connection is not connection]
        if self.open:
            self._go_on()

    def end(self, reason: str = "The command has closed its standard input.") -> None:
        """Close it; whoever still waits is told why."""
        self._watch(False)
        if self.open:
            os.close(self.descriptor)
            self.descriptor = -1
        waiting, self.waiting = self.waiting, []
        for request in waiting:
            self._refuse(request, UNAVAILABLE, reason)

    def _go_on(self) -> None:
        while self.waiting:
            request = self.waiting[0]
            try:
                if not self._begin(request):
                    continue
                while request.data:
                    taken = os.write(self.descriptor, request.data)
                    self.written += taken
                    request.data = request.data[taken:]
            except BlockingIOError:
                break
            except OSError:  # nobody has the other end any more
                self.end()
                return
            self.waiting.pop(0)
            if request.close:
                self.end("The standard input has been closed.")
            request.connection.send(self._standing())
        self._watch(bool(self.waiting))

    def _begin(self, request: _Request) -> bool:
        """Compare with the count, now that its turn has come; False when it was refused."""
        if request.begun:
            return True
        request.begun = True
        if not self.open:
            start = self.written if request.offset is None else request.offset
            if start + len(request.data) <= self.written:
                request.data = b""  # a repeated request, whose answer was lost
                return True
            self._refuse(self.waiting.pop(0), UNAVAILABLE, "The standard input has been closed.")
            return False
        if request.offset is not None:
            if request.offset > self.written:
                message = f"{self.written} bytes have been written, not {request.offset}."
                self._refuse(self.waiting.pop(0), "gap", message)
                return False
            request.data = request.data[self.written - request.offset :]
        return True

    def _refuse(self, request: _Request, code: str, message: str) -> None:
        refusal = {"ok": False, "code": code, "message": message, "written": self.written}
        request.connection.send(refusal)

    def _standing(self) -> dict:
        return {"ok": True, "written": self.written, "open": self.open}

    def _watch(self, wanted: bool) -> None:
        if wanted and not self.watched:
            self.ready.register(self.descriptor, WRITE, self._go_on)
        elif self.watched and not wanted:
            self.ready.unregister(self.descriptor)
        self.watched = wanted

"""`vibe sh`: a terminal of the sandbox in one's own terminal."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import struct
import sys
import termios
import threading
import time
import tty
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vibe.client.connection import Connection, part
from vibe.client.errors import ClientError

HEADER = struct.Struct(">Q")
INPUT = 16 * 1024
END_OF_INPUT = b"\x04"
RETRIES = 10


def shell(api: Connection, options: Namespace) -> int:
    """Open a terminal, type and show until its program ends; the exit code is that program's.

    A dropped connection is taken up again where it was.
    """
    columns, rows = shutil.get_terminal_size()
    body: dict[str, Any] = {"cols": columns, "rows": rows}
    if options.words:
        body |= {"command": options.words[0], "args": options.words[1:]}
    made = api.call("POST", f"sandboxes/{part(options.sandbox)}/terminals", body)["id"]
    try:
        with _raw():
            return _Screen(api, made).run()
    finally:
        # A program that is left behind would hold its place among the sandbox's terminals.
        try:
            api.call("DELETE", f"terminals/{made}")
        except ClientError:
            pass


class _Screen:
    """The connection to one terminal, made anew when it drops."""

    def __init__(self, api: Connection, terminal: str) -> None:
        self._api = api
        self._terminal = terminal
        self._after = 0
        self._end: dict[str, Any] | None = None
        self._wake_read, self._wake_write = os.pipe()
        self._socket: Any = None
        self._input_open = True

    def run(self) -> int:
        signal.signal(signal.SIGWINCH, lambda *_: os.write(self._wake_write, b"w"))
        failures = 0
        while self._end is None:
            before = self._after
            try:
                self._connected()
            except OSError:
                pass
            if self._end is None:
                failures = 0 if self._after > before else failures + 1
                if failures > RETRIES:
                    raise ClientError("The connection drops again and again.")
                time.sleep(min(0.1 * 2**failures, 3.0))
        return 1 if self._end.get("exit_code") is None else int(self._end["exit_code"])

    def _connected(self) -> None:
        # Only this command needs it, and loading it takes longer than most commands.
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect
        from websockets.typing import Origin

        path = self._api.call("POST", f"terminals/{self._terminal}/connect")["path"]
        url = f"{self._api.url.replace('http', 'ws', 1)}{path}&after={self._after}"
        try:
            with connect(
                url, origin=Origin(self._api.url), max_size=None, compression=None
            ) as self._socket:
                reader = threading.Thread(target=self._show, daemon=True)
                reader.start()
                self._type()
                reader.join()
        except WebSocketException:
            return

    def _show(self) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            for message in self._socket:
                if isinstance(message, str):
                    event = json.loads(message)
                    if event["type"] == "end":
                        self._end = event
                        return
                    continue
                (offset,) = HEADER.unpack_from(message)
                data = message[HEADER.size :]
                self._after = offset + len(data)
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
        except ConnectionClosed:
            return
        finally:
            os.write(self._wake_write, b"e")

    def _type(self) -> None:
        """Send what is typed and the size of the window until the reader says that it has ended."""
        while True:
            watched = [self._wake_read, *([sys.stdin.fileno()] if self._input_open else [])]
            ready, _, _ = select.select(watched, [], [])
            news = os.read(self._wake_read, 64) if self._wake_read in ready else b""
            if b"e" in news:
                return
            if news:
                columns, rows = shutil.get_terminal_size()
                self._socket.send(json.dumps({"type": "resize", "cols": columns, "rows": rows}))
            if self._input_open and sys.stdin.fileno() in ready:
                data = os.read(sys.stdin.fileno(), INPUT)
                self._input_open = bool(data)
                self._socket.send(data or END_OF_INPUT)


@contextmanager
def _raw() -> Iterator[None]:
    """Let every key through to the sandbox, Ctrl-C too, where input is a terminal."""
    descriptor = sys.stdin.fileno()
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

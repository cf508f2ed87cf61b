"""A request whose head is too large gets an answer in words, where Twisted hangs up on it.

Mostly it is cookies: a previewed page can set them for the whole site, the platform's host
included, up to 180 of 4 KB, and whoever has them could open nothing any more. So they are cleared.
"""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.web import http

from vibe.web.daphne_seam.tossed_cookies import endings

LARGEST = 64 * 1024  # bytes of a request line and headers together
LINGER = 5.0  # seconds for the client to read the answer, and to stop sending
LONG_ADDRESS = (
    "414 URI Too Long",
    "The address of this request is longer than {kib} KiB, the most that is taken here.\n"
    "Send what it holds in the body of a POST request.\n",
)
LARGE_HEADERS = (
    '431 Request Header Fields Too Large\r\nClear-Site-Data: "cookies"',
    "The headers of this request are larger than {kib} KiB or more than {count}, the most that is "
    "taken here.\nIn a browser these are mostly cookies, which a previewed app has set for this "
    "whole site.\nThey have just been removed, your sign-in among them: close the tab with that "
    "app, and load this\npage again. If it says the same, delete the cookies of this site in your "
    "browser's settings.\n",
)


def answer_large_heads() -> None:
    """Let Daphne answer 414 or 431 to a request line or headers over Twisted's limit."""
    channel: Any = http.HTTPChannel
    if hasattr(channel, "_vibe_heads"):
        return
    channel.totalHeadersSize = channel.MAX_LENGTH = LARGEST
    receive, header = channel.lineReceived, channel.headerReceived

    def line_received(self: Any, line: bytes) -> Any:
        if self._receivedHeaderSize + len(line) > self.totalHeadersSize:
            return _refuse(self, line)
        return receive(self, line)

    def header_received(self: Any, line: bytes) -> bool:
        if self._receivedHeaderCount >= self.maxHeaders:
            _refuse(self, line)
            return False
        return bool(header(self, line))

    channel.lineReceived, channel.headerReceived = line_received, header_received
    channel.lineLengthExceeded = _refuse
    channel._vibe_heads = True


def _refuse(channel: Any, line: bytes) -> bool:
    is_first = channel._HTTPChannel__first_line
    status, words = LONG_ADDRESS if is_first else LARGE_HEADERS
    words = words.format(kib=channel.totalHeadersSize // 1024, count=channel.maxHeaders)
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(words)}\r\nCache-Control: no-store\r\nConnection: close\r\n"
    ).encode()
    if not is_first:
        host = channel.requests[-1].requestHeaders.getRawHeaders(b"host", [b""])[0]
        head += endings(line, host, channel._path)
    channel.transport.write(head + b"\r\n" + words.encode())
    # The rest is read and dropped: over unread bytes the connection would be reset, and the
    # answer with it.
    channel.clearLineBuffer()
    channel.dataReceived = channel.lineReceived = _drop
    channel.setTimeout(None)
    channel.transport.loseWriteConnection()
    asyncio.get_running_loop().call_later(LINGER, channel.transport.abortConnection)
    return True


def _drop(_data: bytes) -> None:
    pass

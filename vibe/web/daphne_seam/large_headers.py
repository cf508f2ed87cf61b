"""A request whose headers are too large is told so; Twisted would hang up without a word.

Mostly it is cookies: a previewed page can set them for the whole site, the platform's host
included, up to 180 of 4 KB, and whoever has them could open nothing any more.
"""

from __future__ import annotations

import sys
from typing import Any

# Of all headers of a request together, its first line included.
LARGEST = 64 * 1024
# Seconds in which the rest may come. Whoever hangs up on a browser that is still sending takes the
# answer away from it.
PATIENCE = 10

PAGE = f"""\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Too many cookies</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto">
<h1>Too many cookies</h1>
<p>Your browser sent more than {LARGEST // 1024} KB of headers. Most likely a previewed app has set
that many cookies for this whole site.</p>
<p>They have just been removed, your sign-in among them. Close the tab with that app, then
<a href="">open this page again</a>. If it says the same, remove the cookies of this site in the
settings of your browser.</p>
"""
ADDRESS_TOO_LONG = f"The address is longer than {LARGEST // 1024} KB.\n"


def tell_of_large_headers() -> None:
    """Have Daphne take headers up to LARGEST and answer what is larger: 431, or 414 where it is the
    address."""
    # Not imported: that would start Twisted's loop also where another server is at work.
    http = sys.modules.get("twisted.web.http")
    if http is None or http.HTTPChannel.totalHeadersSize == LARGEST:
        return
    channel = http.HTTPChannel
    channel.totalHeadersSize = channel.MAX_LENGTH = LARGEST
    receive = channel.lineReceived

    def line_received(self: Any, line: bytes) -> None:
        if self._receivedHeaderSize + len(line) > LARGEST:
            _refuse(self)
        else:
            receive(self, line)

    channel.lineReceived = line_received
    channel.lineLengthExceeded = lambda self, _line: _refuse(self)


def _refuse(channel: Any) -> None:
    if channel._HTTPChannel__first_line:
        status, kind, page = "414 URI Too Long", "text/plain", ADDRESS_TOO_LONG
    else:
        status, kind, page = "431 Request Header Fields Too Large", "text/html", PAGE
    body = page.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nCache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "X-Content-Type-Options: nosniff\r\n"
    )
    if status.startswith("431"):
        head += 'Clear-Site-Data: "cookies"\r\n'
    channel.transport.write(f"{head}\r\n".encode() + body)
    channel.rawDataReceived = lambda _rest: None
    channel.setRawMode()
    channel.callLater(PATIENCE, channel.transport.loseConnection)

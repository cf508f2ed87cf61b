"""What the proxy answers in its own words."""

from __future__ import annotations

import asyncio
import contextlib

from .decision import NAMED, NOT_IN_POLICY

PHRASES = {400: "Bad request", 403: "Forbidden", 408: "Too slow", 413: "Too large",
           421: "Wrong host", 431: "Headers too large", 501: "Not supported",
           502: "Not reached", 503: "Too many connections", 504: "Too slow"}  # fmt: skip
LAST_SECONDS = 2.0
LAST_BYTES = 1 << 20
HOW_TO_ALLOW = (
    "To allow it, press the button beside the command, or add the host to the sandbox's network "
    'policy: on its page under "Network", or with POST /api/v1/sandboxes/ID/network-policy/hosts.'
)


class Refusal(Exception):
    """The proxy does not do it. `short` fits in a status line, which is all that many programs
    show; `hint` says what to do."""

    def __init__(self, status: int, short: str, hint: str = "", reason: str = "") -> None:
        super().__init__(short)
        self.status = status
        self.short = short
        self.hint = hint
        self.reason = reason or PHRASES[status].lower()


def not_allowed(host: str, port: int, mode: str) -> Refusal:
    return Refusal(
        403,
        f'{host}:{port} is not allowed by the network policy "{mode}" of this sandbox '
        f"({NAMED[mode]})",
        HOW_TO_ALLOW,
        reason=NOT_IN_POLICY,
    )


def address_refused(host: str, words: str) -> Refusal:
    return Refusal(
        403,
        f"{host} leads to {words}, which no sandbox may reach",
        "Sandboxes reach public hosts only. The operator can name a host of a private network "
        "in VIBE_EGRESS_ALLOW.",
        reason=words,
    )


def wrong_host(host: str) -> Refusal:
    return Refusal(
        421,
        f"A request in a tunnel to {host} was for another host",
        "Open a tunnel for each host: a new CONNECT, which the network policy decides on.",
    )


def not_reached(host: str, why: str) -> Refusal:
    return Refusal(502, f"{host} was not reached: {why}", "Check the name and try again.", why)


def written(refusal: Refusal) -> bytes:
    """A whole HTTP response, after which the connection is closed."""
    body = f"{refusal.short}.\n{refusal.hint}".strip() + "\n"
    content = body.encode()
    phrase = "".join(c if " " <= c <= "~" else "?" for c in refusal.short)[:300]
    return (
        f"HTTP/1.1 {refusal.status} {phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\n"
        "X-Vibe-Network: refused\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + content


async def last_words(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refusal: Refusal
) -> None:
    """Answer, and read on for a moment: closing with something unread would reset the connection
    and take the answer from its reader."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LAST_SECONDS):
            writer.write(written(refusal))
            await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            left = LAST_BYTES
            while left > 0 and (data := await reader.read(65536)):
                left -= len(data)


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close without waiting for a peer who does not take the rest."""
    writer.close()
    transport = writer.transport
    if transport.get_write_buffer_size():
        asyncio.get_running_loop().call_later(5.0, transport.abort)

"""Taking the place of a host whose requests have to be read."""

from __future__ import annotations

import asyncio
import ssl

import h11

from .answers import Refusal, last_words
from .authority import Authority
from .decision import Decision
from .exchange import Exchanges
from .origin import Origin
from .passage import Passage
from .peer import HttpPeer
from .relay import Stream

HEAD_SECONDS = 15.0
NO_TRUST = "the program does not trust the proxy"


def needs_interception(decision: Decision) -> bool:
    return bool(decision.rules) or any(login.scheme == "https" for login in decision.logins)


async def intercept(
    passage: Passage, authority: Authority, host: str, port: int, near: Stream
) -> None:
    """Speak with a program that was told that its tunnel stands, as the host it leads to."""
    writer = near[1]
    if port != 80:
        context = authority.server_context(host)
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                await writer.start_tls(context)
        except (ssl.SSLError, TimeoutError):
            passage.note(host, port, False, NO_TRUST)
            return
    await requests(passage, Origin("http" if port == 80 else "https", host, port), near)


async def requests(passage: Passage, origin: Origin, near: Stream) -> None:
    """It is the rules and credentials for the host that say what comes of each request."""
    peer = HttpPeer(h11.SERVER, *near)
    try:
        head = await peer.head(HEAD_SECONDS)
        if head is not None:
            await Exchanges(passage, peer, origin).run(head)
    except Refusal as refusal:
        await last_words(*near, refusal)

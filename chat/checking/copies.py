"""The copy of an app for one check: its files and data, its servers, and the port that answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat.checking import serving
from chat.models import Check
from chat.services.checking import copies
from sandboxes.models import Sandbox
from sandboxes.services import servers, waiting
from vibe.data.database import in_thread
from vibe.refusal import Refusal

START_SECONDS, LOOK_SECONDS = 60.0, 0.5


@asynccontextmanager
async def copy_of(check: Check, port: int) -> AsyncIterator[Sandbox]:
    """A running copy of the check's sandbox whose `port` answers as the app's does; it goes when
    the caller is done. Raises Refusal when there can be none."""
    source = check.turn.conversation.sandbox
    assert source is not None
    described = await in_thread(servers.described, source)
    copy = await in_thread(copies.take, check)
    try:
        copy = await waiting.no_longer_starting(copy, START_SECONDS)
        if not copy.is_running:
            raise Refusal(f"A copy of the app did not start: {copy.why}.")
        await in_thread(servers.start, copy, described)
        await _until_it_answers(copy, port)
        yield copy
    finally:
        await asyncio.shield(in_thread(copies.give_back, check.pk))


async def _until_it_answers(copy: Sandbox, port: int) -> None:
    deadline = time.monotonic() + serving.OPEN_SECONDS
    while not (await serving.asked(copy, port)).status:
        if time.monotonic() > deadline:
            raise Refusal(
                f"In a copy of the app nothing answers on port {port} within "
                f"{serving.OPEN_SECONDS:.0f} s."
            )
        await asyncio.sleep(LOOK_SECONDS)

"""Waiting until something in a sandbox listens on a port."""

from __future__ import annotations

import asyncio
import time

from chat.tools.context import call
from sandboxes.models import Command, Sandbox
from sandboxes.services import commands, ports

LOOK_SECONDS = 0.25


async def wait_for(sandbox: Sandbox, port: int, seconds: float) -> list[int]:
    """Listening ports, as soon as `port` is among them or no command runs that could open it."""
    deadline = time.monotonic() + seconds
    while True:
        listening = await call(ports.listening, sandbox)
        if port in listening or time.monotonic() > deadline:
            return listening
        if not await call(_something_runs, sandbox):
            return listening
        await asyncio.sleep(LOOK_SECONDS)


def _something_runs(sandbox: Sandbox) -> bool:
    return commands.list_for(sandbox).exclude(status=Command.Status.FINISHED).exists()

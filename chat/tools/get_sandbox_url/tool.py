from __future__ import annotations

import asyncio
import time

from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from sandboxes.models import Command, Sandbox
from sandboxes.services import commands, ports

PORT_SECONDS = 10.0
LOOK_SECONDS = 0.25


async def get_sandbox_url(ctx: RunContext[TurnContext], port: int = 3000) -> Answer:
    """Get the address under which the user's browser reaches a port of the sandbox.

    Start the server first. The answer says whether something listens on the port yet.

    Args:
        port: Port that a server in the sandbox listens on.
    """
    sandbox = await running_sandbox(ctx.deps)
    url = await call(ports.url, sandbox, port)
    listening = await _wait_for(sandbox, port)
    facts: dict[str, object] = {"url": url, "port": port, "listening": port in listening}
    said = dict(facts)
    if port not in listening:
        others = [number for number in listening if number != port]
        said["note"] = f"Nothing listens on port {port} yet, so the address shows nothing. " + (
            f"These ports answer: {others}."
            if others
            else "Start a server first (run_command with wait=false) and look at its output."
        )
    return Answer(said=said, card=facts)


async def _wait_for(sandbox: Sandbox, port: int) -> list[int]:
    """Listening ports, as soon as `port` is among them or no command runs that could open it."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        listening = await call(ports.listening, sandbox)
        if port in listening or time.monotonic() > deadline:
            return listening
        if not await call(_something_runs, sandbox):
            return listening
        await asyncio.sleep(LOOK_SECONDS)


def _something_runs(sandbox: Sandbox) -> bool:
    return commands.list_for(sandbox).exclude(status=Command.Status.FINISHED).exists()

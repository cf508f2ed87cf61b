from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import listening_ports
from chat.tools.context import Answer, TurnContext, running_sandbox
from vibe.refusal import Refusal

MOST_SECONDS = 120


async def wait_for_port(
    ctx: RunContext[TurnContext],
    port: Annotated[int, Field(ge=1, le=65535)],
    seconds: Annotated[int, Field(ge=1, le=MOST_SECONDS)] = 30,
    sandbox: str = "",
) -> Answer:
    """Wait until a server in the sandbox listens on a port, for one that takes long to start.

    Args:
        port: The port.
        seconds: How long to wait at most.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    listening = await listening_ports.wait_for(box, port, seconds)
    if port not in listening:
        others = f" These ports answer: {listening}." if listening else ""
        raise Refusal(
            f"Nothing listens on port {port}.{others}",
            "See by read_command_output what the server says; start it by run_command.",
            code="timeout",
        )
    return Answer(said={"port": port, "listening": True}, card={"port": port})

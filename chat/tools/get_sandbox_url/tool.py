from __future__ import annotations

from pydantic_ai import RunContext

from chat.tools import listening_ports
from chat.tools.context import Answer, TurnContext, call, running_sandbox
from sandboxes.services import ports

PORT_SECONDS = 10.0


async def get_sandbox_url(
    ctx: RunContext[TurnContext],
    port: int = 3000,
    sandbox: str = "",
) -> Answer:
    """Get the address under which the user's browser reaches a port of the sandbox.

    Start the server first. The answer says whether something listens on the port yet.

    Args:
        port: Port that a server in the sandbox listens on.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    url = await call(ports.url, box, port)
    listening = await listening_ports.wait_for(box, port, PORT_SECONDS)
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

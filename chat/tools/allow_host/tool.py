from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.services import conversation_sandboxes
from chat.tools.context import Answer, TurnContext, call
from sandboxes.models import Sandbox
from sandboxes.services import network


async def allow_host(
    ctx: RunContext[TurnContext],
    host: Annotated[str, Field(min_length=1, max_length=253)],
    port: Annotated[int, Field(ge=1, le=65535)] = 443,
    sandbox: str = "",
) -> Answer:
    """Ask the user to let programs in the sandbox reach one more host. The user decides each time.

    Say before in your text what it is needed for. When it is refused, do without.

    Args:
        host: The host alone, e.g. api.example.com.
        port: The port to reach it on.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box, reached = await call(_allow, ctx.deps, host, port, sandbox)
    return Answer(
        said={"sandbox": box.name, "allowed": host, "network": reached},
        card={"host": host, "text": f"{box.name} now reaches: {reached}"},
    )


def _allow(context: TurnContext, host: str, port: int, name: str) -> tuple[Sandbox, str]:
    sandbox = conversation_sandboxes.find(context.conversation_id, name)
    network.allow_host(sandbox, host, port)
    return sandbox, network.in_words(sandbox)

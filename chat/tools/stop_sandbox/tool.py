from __future__ import annotations

from pydantic_ai import RunContext

from chat.services import conversation_sandboxes
from chat.tools.context import Answer, TurnContext, call
from sandboxes.models import Sandbox
from sandboxes.services import lifecycle


async def stop_sandbox(ctx: RunContext[TurnContext], sandbox: str = "") -> Answer:
    """Stop a sandbox and all that runs in it. Its files stay; the next tool call wakes it up.

    Do so only when the user asks for it.

    Args:
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box, stops = await call(_stop, ctx.deps, sandbox)
    words = "It is being stopped; its files stay." if stops else "It did not run."
    return Answer(said={"sandbox": box.name, "what": words}, card={"name": box.name})


def _stop(context: TurnContext, name: str) -> tuple[Sandbox, bool]:
    sandbox = conversation_sandboxes.find(context.conversation_id, name)
    stops = sandbox.is_live
    if stops:
        lifecycle.stop(sandbox, by=context.owner)
    return sandbox, stops

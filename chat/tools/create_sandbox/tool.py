from __future__ import annotations

from typing import Any

from django.conf import settings
from pydantic_ai import RunContext

from chat.services import attachment_placing, conversations
from chat.tools.context import START_SECONDS, Answer, TurnContext, call
from sandboxes.models import Sandbox
from sandboxes.services import creating, network, readiness
from sandboxes.services import ports as ports_service


async def create_sandbox(
    ctx: RunContext[TurnContext],
    name: str = "",
    ports: list[int] | None = None,
    timeout: int | None = None,
) -> Answer:
    """Create a fresh Linux sandbox and make it the one of this conversation.

    Call it once, before any other tool. A conversation has one sandbox; creating another starts
    empty, so do that only when the user asks for it. The answer says what its network reaches.

    Args:
        name: A short name; made up when left out.
        ports: Ports that the app will listen on. Optional: listening ports are found anyway.
        timeout: Seconds until the sandbox stops by itself; the platform's default when left out.
    """
    sandbox = await call(_create, ctx.deps, name, ports or [], timeout)
    facts = {"sandbox_id": sandbox.pk, "name": sandbox.name}
    network_reach = await call(network.in_words, sandbox)
    said: dict[str, Any] = {
        "status": "running",
        "working_directory": "/vercel/sandbox",
        "network": network_reach,
    }
    if share := await call(ports_service.share_in_words, sandbox):
        said["ports"] = share
    placed, why_not = await call(attachment_placing.place, ctx.deps.conversation_id)
    if placed or why_not:
        said["attachments"] = placed if not why_not else {"paths": placed, "left out": why_not}
    return Answer(said={**facts, **said}, card=facts)


def _create(context: TurnContext, name: str, ports: list[int], timeout: int | None) -> Sandbox:
    seconds = settings.SANDBOX_TIMEOUT if timeout is None else timeout
    sandbox = creating.create_sandbox(context.owner, name=name, ports=ports, timeout=seconds)
    # At once, so that the page shows it while it starts.
    conversations.use_sandbox(context.conversation_id, sandbox.pk)
    return readiness.wait_until_running(sandbox, timeout=START_SECONDS)

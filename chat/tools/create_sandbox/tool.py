from __future__ import annotations

from typing import Any

from django.conf import settings
from pydantic_ai import RunContext

from chat.models import Conversation
from chat.services import conversation_sandboxes
from chat.services.attaching import placing
from chat.tools.context import START_SECONDS, Answer, TurnContext, call
from sandboxes.models import Sandbox
from sandboxes.services import creating, network, readiness
from sandboxes.services import ports as ports_service


async def create_sandbox(
    ctx: RunContext[TurnContext],
    name: str = "",
    ports: list[int] | None = None,
    timeout: int | None = None,
    fresh_start: bool = False,
) -> Answer:
    """Create a fresh Linux sandbox for this conversation.

    Call it once, before any other tool. Only when the user asks for it create another: it stands
    beside the first, starts empty, and tools reach it by its name as `sandbox`. The answer says
    what its network reaches.

    Args:
        name: A short name; made up when left out.
        ports: Ports that the app will listen on. Optional: listening ports are found anyway.
        timeout: Seconds until the sandbox stops by itself; the platform's default when left out.
        fresh_start: Begin anew: the conversation, its preview and its versions are about the new
            one from now on.
    """
    sandbox, is_main = await call(_create, ctx.deps, name, ports or [], timeout, fresh_start)
    facts = {"sandbox_id": sandbox.pk, "name": sandbox.name}
    network_reach = await call(network.in_words, sandbox)
    said: dict[str, Any] = {
        "status": "running",
        "working_directory": "/vercel/sandbox",
        "network": network_reach,
    }
    if share := await call(ports_service.share_in_words, sandbox):
        said["ports"] = share
    if not is_main:
        said["note"] = (
            f"This is a further sandbox: give sandbox={sandbox.name!r} to tools that shall use it. "
            "No versions are kept of its files, and the workbench shows the main one."
        )
    else:
        placed, why_not = await call(placing.place, ctx.deps.conversation_id)
        if placed or why_not:
            said["attachments"] = placed if not why_not else {"paths": placed, "left out": why_not}
    return Answer(said={**facts, **said}, card=facts)


def _create(
    context: TurnContext, name: str, ports: list[int], timeout: int | None, fresh_start: bool
) -> tuple[Sandbox, bool]:
    conversation = Conversation.objects.select_related("sandbox").get(pk=context.conversation_id)
    conversation_sandboxes.check_room(conversation)
    present = conversation.sandbox
    is_main = fresh_start or present is None or present.deleted_at is not None
    seconds = settings.SANDBOX_TIMEOUT if timeout is None else timeout
    sandbox = creating.create_sandbox(context.owner, name=name, ports=ports, timeout=seconds)
    # At once, so that the page shows it while it starts.
    conversation_sandboxes.add(conversation, sandbox, about=is_main)
    return readiness.wait_until_running(sandbox, timeout=START_SECONDS), is_main

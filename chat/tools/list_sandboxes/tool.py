from __future__ import annotations

from typing import Any

from pydantic_ai import RunContext

from chat.models import Conversation
from chat.services import conversation_sandboxes
from chat.tools.context import Answer, TurnContext, call
from sandboxes.services import network


async def list_sandboxes(ctx: RunContext[TurnContext]) -> Answer:
    """List the sandboxes of this conversation, with their state and what they reach."""
    found = await call(_list, ctx.deps.conversation_id)
    said: dict[str, Any] = {"sandboxes": found}
    if not found:
        said["note"] = "There is none yet; create_sandbox makes one."
    listing = "\n".join(f"{one['name']} ({one['status']})" for one in found)
    return Answer(said=said, card={"count": len(found), "listing": listing})


def _list(conversation_id: str) -> list[dict[str, Any]]:
    conversation = Conversation.objects.get(pk=conversation_id)
    return [
        {
            "name": one.name,
            "sandbox_id": one.pk,
            "status": one.status,
            "is_main": one.pk == conversation.sandbox_id,
            "network": network.in_words(one),
        }
        for one in conversation_sandboxes.list_for(conversation)
    ]

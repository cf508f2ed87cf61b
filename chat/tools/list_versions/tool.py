from __future__ import annotations

from pydantic_ai import RunContext

from chat.models import Conversation
from chat.services.versioning import versions
from chat.tools.context import Answer, TurnContext, call

SHOWN = 50


async def list_versions(ctx: RunContext[TurnContext]) -> Answer:
    """List the saved versions of the files, oldest first; restore_version puts one back."""
    shown, count = await call(_list, ctx.deps.conversation_id)
    said: dict[str, object] = {"versions": shown}
    if count > len(shown):
        said["note"] = f"These are the last {len(shown)} of {count}."
    return Answer(said=said, card={"count": count, "listing": "\n".join(shown)})


def _list(conversation_id: str) -> tuple[list[str], int]:
    known = list(versions.list_for(Conversation.objects.get(pk=conversation_id)))
    shown = [
        f"{one.number}: {one.name or one.title} ({one.created_at:%Y-%m-%d %H:%M}, "
        f"{one.checkpoint.files_changed} files changed)"
        for one in known[-SHOWN:]
    ]
    return shown, len(known)

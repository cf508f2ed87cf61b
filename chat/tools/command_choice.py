"""The command that a tool is about: by its id, else the latest that fits."""

from __future__ import annotations

from chat.services import conversation_sandboxes
from chat.tools.context import TurnContext
from sandboxes.models import Command
from sandboxes.services import commands
from vibe.refusal import Refusal


def find(context: TurnContext, command_id: str, sandbox: str, *, writable: bool = False) -> Command:
    """A command of the conversation's sandboxes, whether or not they run. `writable`: only one
    that runs with its standard input open is taken for the latest. Raises Refusal(not_found)."""
    if command_id:
        command = commands.get_for(context.owner, command_id)
        conversation_sandboxes.find(context.conversation_id, command.sandbox_id)
        return command
    known = commands.list_for(conversation_sandboxes.find(context.conversation_id, sandbox))
    if writable:
        known = known.filter(stdin=True).exclude(status=Command.Status.FINISHED)
    latest = known.select_related("session", "sandbox").order_by("-created_at", "-id").first()
    if latest is None:
        what = "runs with its standard input open" if writable else "was run in this sandbox"
        raise Refusal(
            f"No command {what}.",
            "Start one by run_command, with wait=false and stdin=true."
            if writable
            else "Start one by run_command.",
            code="not_found",
        )
    return latest

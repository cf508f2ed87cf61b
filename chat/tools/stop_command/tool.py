from __future__ import annotations

from pydantic_ai import RunContext

from chat.tools import command_output
from chat.tools.context import Answer, TurnContext, call, running_sandbox
from sandboxes.models import Command, Sandbox
from sandboxes.services import commands
from vibe.accounts.models import User
from vibe.refusal import Refusal

STOP_SECONDS = 15.0


async def stop_command(
    ctx: RunContext[TurnContext],
    command_id: str = "",
    sandbox: str = "",
) -> Answer:
    """Stop a running command, for example a server in the background, and all that it started.

    A command that has ended by itself and left processes running needs its id.

    Args:
        command_id: Id that run_command answered; the latest running command when left out.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    command = await call(_find, ctx.deps.owner, box, command_id)
    await ctx.deps.cards.change_card(ctx.tool_call_id or "", command=command)
    if command.has_something_running:
        # Of nobody: the person would read that they had stopped it.
        await call(commands.stop, command)
        command = await call(commands.wait, command, STOP_SECONDS)
    facts = {"command_id": command.pk, "command": command.line, "outcome": command.outcome}
    if not command.is_finished:
        raise Refusal(
            f"{command.line} has not ended yet.", "Try to stop it once more.", code="timeout"
        )
    return Answer(said={**facts, "output": await call(command_output.excerpt, command)}, card=facts)


def _find(owner: User, sandbox: Sandbox, command_id: str) -> Command:
    if command_id:
        command = commands.get_for(owner, command_id)
        if command.sandbox_id != sandbox.pk:
            raise Refusal(
                "That command belongs to another sandbox.",
                "Leave command_id out to stop the latest one.",
                code="not_found",
            )
        return command
    running = commands.list_for(sandbox).exclude(status=Command.Status.FINISHED)
    latest = running.order_by("-created_at", "-id").first()
    if latest is None:
        raise Refusal("No command is running.", "There is nothing to stop.", code="not_found")
    return latest

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import command_choice, command_output
from chat.tools.context import Answer, TurnContext, call
from chat.tools.read_command_output import log_reading
from sandboxes.services import commands, standard_input
from vibe.refusal import Refusal

TAKEN_SECONDS = 10.0
ANSWER_SECONDS = 2.0


async def send_input(
    ctx: RunContext[TurnContext],
    text: Annotated[str, Field(max_length=20_000)],
    command_id: str = "",
    close: bool = False,
    sandbox: str = "",
) -> Answer:
    """Write to the standard input of a command that runs, for example to answer its question.

    It must have been started with wait=false and stdin=true. The answer holds what it printed
    within two seconds.

    Args:
        text: What to write; end a line by \\n.
        command_id: Id that run_command answered; the latest that takes input when left out.
        close: Close its input afterwards, as the end of what it reads.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    if not text and not close:
        raise Refusal("There is nothing to write.", "Give a text, or close=true.", "invalid")
    command = await call(command_choice.find, ctx.deps, command_id, sandbox, writable=True)
    await ctx.deps.cards.change_card(ctx.tool_call_id or "", command=command)
    before = command.log_size
    written = await call(
        standard_input.write, command, text.encode(), close=close, timeout=TAKEN_SECONDS
    )
    command = await call(commands.wait, command, ANSWER_SECONDS)
    printed, following = await call(log_reading.since, command, before)
    facts: dict[str, Any] = {"command_id": command.pk, "line": command.line}
    said = {
        **facts,
        "written_bytes_in_all": written,
        "state": command.outcome if command.is_finished else "running",
        "output": printed,
        "next": following,
    }
    return Answer(said=said, card={**facts, "tail": command_output.tail(printed)})

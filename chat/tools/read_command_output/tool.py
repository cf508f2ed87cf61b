from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import command_choice, command_output
from chat.tools.context import Answer, TurnContext, call
from chat.tools.read_command_output import log_reading
from sandboxes.models import Command


async def read_command_output(
    ctx: RunContext[TurnContext],
    command_id: str = "",
    lines: Annotated[int, Field(ge=1, le=1000)] = 100,
    search: Annotated[str, Field(max_length=500)] = "",
    since: Annotated[int | None, Field(ge=0)] = None,
    sandbox: str = "",
) -> Answer:
    """Read what a command has printed, while it runs or afterwards; of a server, its log.

    Args:
        command_id: Id that run_command answered; the latest command when left out.
        lines: How many of the last lines to read.
        search: Only lines that hold this text, upper and lower case alike, with their numbers.
        since: Instead of the last lines, what came after this: `next` of an earlier answer, or 0.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    command = await call(command_choice.find, ctx.deps, command_id, sandbox)
    said = await call(_read, command, lines, search, since)
    text = said.get("output") or "\n".join(said.get("matches") or [])
    facts = {"command_id": command.pk, "line": command.line, "text": command_output.tail(text)}
    return Answer(said=said, card=facts)


def _read(command: Command, lines: int, search: str, since: int | None) -> dict[str, Any]:
    outcome = command.outcome if command.is_finished else "running"
    said: dict[str, Any] = {"command_id": command.pk, "command": command.line, "state": outcome}
    if search:
        matches, more = log_reading.search(command, search)
        said["matches"] = matches
        if more:
            said["note"] = "There are more; these are the last. Search for something longer."
    elif since is not None:
        said["output"], said["next"] = log_reading.since(command, since)
        if said["next"] < command.log_size:
            said["note"] = "There is more: read on with since."
    else:
        said["output"], said["next"] = log_reading.tail(command, lines)
    return said

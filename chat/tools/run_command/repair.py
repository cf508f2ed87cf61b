"""What a person says to the model to have a failed command mended."""

from __future__ import annotations

from chat.tools import command_output
from sandboxes.models import Command

LINES = 30
CHARACTERS = 3_000


def request(command: Command) -> str:
    """The command, how it ended and the end of its output."""
    text = command_output.excerpt(command)
    shown = "\n".join(text.rstrip().splitlines()[-LINES:])[-CHARACTERS:].strip("\n")
    line = command.line.replace("`", "'")
    said = f"`{line}` failed: {command.outcome}. Find out why and fix it."
    if not shown:
        return said
    fence = "````" if "```" in shown else "```"
    return f"{said}\n\n{fence}\n{shown}\n{fence}"

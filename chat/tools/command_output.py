"""A command's output as a model gets it: start and end, with a note of what lies between."""

from __future__ import annotations

from chat.tools.long_lines import shortened
from sandboxes.models import Command
from sandboxes.output import replay
from sandboxes.output.terminal_codes import last_states, without_codes

LIMIT = 16_000
TAIL_LINES = 5
TAIL_CHARACTERS = 1_000


def excerpt(command: Command) -> str:
    """At most LIMIT bytes of the command's output, both streams in order."""
    text = replay.text(command, max_bytes=LIMIT, tail=True)
    if command.log_size <= LIMIT:
        return clean(text)
    half = LIMIT // 2
    head = replay.text(command, max_bytes=half, tail=False)
    tail = replay.text(command, max_bytes=half, tail=True)
    left_out = command.log_size - LIMIT
    note = (
        f"\n\n[… {left_out:,} bytes left out. To see them run the command again with its output "
        "sent to a file, and read parts of that with head, tail or grep …]\n\n"
    )
    return clean(head) + note + clean(tail)


def tail(text: str) -> str:
    """The last lines, for a card."""
    return "\n".join(text.rstrip().splitlines()[-TAIL_LINES:])[-TAIL_CHARACTERS:]


def clean(text: str) -> str:
    """Text as a model gets it: without terminal codes and NULs, lines as they stand at last, none
    longer than a model can make use of.
    """
    text = last_states(without_codes(text)).replace("\x00", "\ufffd")
    return "\n".join(map(shortened, text.split("\n")))

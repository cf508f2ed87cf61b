"""Parts of a command's log: its last lines, what came since, the lines that hold a text."""

from __future__ import annotations

from collections.abc import Iterator

from chat.tools.command_output import clean
from chat.tools.long_lines import shortened
from sandboxes.models import Command
from sandboxes.output import replay

CHARACTERS = 16_000
# Of an endless log the newest part is looked at.
SEARCHED_BYTES = 32 * 1024 * 1024
MATCHES = 100


def tail(command: Command, lines: int) -> tuple[str, int]:
    """(the last lines, the offset behind them)."""
    text, end = since(command, max(0, command.log_size - 4 * CHARACTERS), most=8 * CHARACTERS)
    found = "\n".join(text.rstrip("\n").split("\n")[-lines:])
    return found[-CHARACTERS:], end


def since(command: Command, offset: int, most: int = CHARACTERS) -> tuple[str, int]:
    """(text from the offset on, where to go on). Of what is there at most about `most` bytes."""
    pieces = replay.read(command, offset, most, until=offset + most)
    if not pieces:
        return "", max(offset, min(command.log_size, offset + most))
    data = b"".join(piece.data for piece in pieces)
    return clean(data.decode("utf-8", "replace")), pieces[-1].end


def search(command: Command, text: str) -> tuple[list[str], bool]:
    """(the last lines that hold the text, with their numbers; whether there are more)."""
    wanted = text.lower()
    found = [
        f"{number}: {shortened(line, 500)}"
        for number, line in _lines(command)
        if wanted in line.lower()
    ]
    shown: list[str] = []
    room = CHARACTERS
    for line in reversed(found[-MATCHES:]):
        room -= len(line) + 1
        if room < 0:
            break
        shown.insert(0, line)
    return shown, len(shown) < len(found)


def _lines(command: Command) -> Iterator[tuple[int, str]]:
    """Lines of the newest SEARCHED_BYTES, each with its number."""
    position = max(0, command.log_size - SEARCHED_BYTES)
    number, rest = 1, b""
    while pieces := replay.read(command, position):
        if not rest and pieces[0].line is not None:
            number = pieces[0].line
        *whole, rest = (rest + b"".join(piece.data for piece in pieces)).split(b"\n")
        for line in whole:
            yield number, clean(line.decode("utf-8", "replace"))
            number += 1
        position = pieces[-1].end
    if rest:
        yield number, clean(rest.decode("utf-8", "replace"))

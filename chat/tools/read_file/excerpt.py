"""As much of a file as a model can make use of, and how it sees the rest."""

from __future__ import annotations

from chat.tools.long_lines import shortened

CHARACTERS = 100_000
COLUMNS = 10_000


def excerpt(text: str, line: int, column: int) -> tuple[str, str]:
    """(content, note): the lines from `line` on, long ones cut; with a `column` above 1 that one
    line from there. The note is empty where all to the end is in the content.
    """
    lines = text.split("\n")
    total = len(lines) - (lines[-1] == "")
    if line > max(1, total):
        return "", f"The file has {total:,} lines."
    if column > 1:
        return _columns(lines[line - 1], line, column)
    shown: list[str] = []
    size, cut = 0, 0
    for each in lines[line - 1 :]:
        piece = shortened(each)
        size += len(piece) + 1
        if size > CHARACTERS and shown:
            break
        cut = cut or (line + len(shown) if piece != each else 0)
        shown.append(piece)
    notes = []
    following = line + len(shown)
    if following <= total:
        notes.append(
            f"Lines {line:,} to {following - 1:,} of {total:,}; read on with line={following}."
        )
    if cut:
        notes.append(
            f"Long lines are cut; for more of one give its column, e.g. line={cut} column=2001."
        )
    return "\n".join(shown), " ".join(notes)


def _columns(line: str, number: int, column: int) -> tuple[str, str]:
    piece = line[column - 1 :]
    content = shortened(piece, COLUMNS, begun_at=column - 1)
    following = column + COLUMNS
    more = following <= len(line)
    note = f"Read on with line={number} column={following}." if more else ""
    return content, f"Columns of line {number:,} only. {note}".strip()

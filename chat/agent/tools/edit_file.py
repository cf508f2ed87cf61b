from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field
from pydantic_ai import RunContext

from chat.agent.context import Answer, TurnContext, call, running_sandbox
from chat.agent.tools.paths import relative
from sandboxes.errors import SandboxError
from sandboxes.models import Sandbox
from sandboxes.services import files as sandbox_files

FILE_LIMIT = 2_000_000
DIFF_LINES = 20_000
DIFF_SHOWN = 12_000  # characters
PLACES_TOLD = 8
COMPARED = 5_000  # lines that are looked through for what may be meant
CLOSE = 0.6  # how alike lines must be to be told as what may be meant


class Edit(BaseModel):
    find: Annotated[
        str, Field(min_length=1, description="Text of the file, exactly, whitespace too")
    ]
    replace: Annotated[str, Field(description="What takes its place")]
    everywhere: Annotated[
        bool, Field(description="Replace each occurrence; else there must be exactly one")
    ] = False


@dataclass(frozen=True)
class Edited:
    diff: str
    lines: int
    added: int
    removed: int


async def edit_file(ctx: RunContext[TurnContext], path: str, edits: list[Edit]) -> Answer:
    """Change parts of a text file by exact find and replace; the rest stays as it is.

    Each `find` must occur exactly once, so give enough lines around the place. Edits apply in
    order, all of them or none. Prefer this to writing a whole file again.

    Args:
        path: Path below /vercel/sandbox.
        edits: What to find and what to put in its place.
    """
    if not edits:
        raise SandboxError("No edit was given.", "Give at least one find and replace.")
    sandbox = await running_sandbox(ctx.deps)
    name = relative(path)
    edited = await call(_edit, sandbox, name, edits)
    file = {"path": name, "lines": edited.lines, "added": edited.added, "removed": edited.removed}
    return Answer(
        said={"path": name, "diff": edited.diff},
        card={"files": [file], "diff": edited.diff},
    )


def _edit(sandbox: Sandbox, path: str, edits: list[Edit]) -> Edited:
    with sandbox_files.open_file(sandbox, path, max_bytes=FILE_LIMIT) as reading:
        data = b"".join(sandbox_files.in_words(reading))
        version = reading.info.version if reading.info else ""
    try:
        before = data.decode()
    except UnicodeDecodeError as error:
        raise SandboxError(
            f"{path} is not text in UTF-8.", "Change it with a command instead."
        ) from error
    after = applied(before, edits)
    # Only over what was read: a command may have written the file meanwhile.
    sandbox_files.write_file(sandbox, path, [after.encode()], expect=version)
    return _compared(before, after)


def applied(text: str, edits: list[Edit]) -> str:
    """The text after all edits; raises SandboxError for one that does not fit exactly."""
    before = text
    crlf = "\r\n" in text
    for number, edit in enumerate(edits, 1):
        find, replace = edit.find, edit.replace
        if crlf and find not in text:
            # Models write \n; the file's own line ends stay.
            find = find.replace("\r\n", "\n").replace("\n", "\r\n")
            replace = replace.replace("\r\n", "\n").replace("\n", "\r\n")
        count = text.count(find)
        which = f"Edit {number}" if len(edits) > 1 else "The edit"
        if count == 0:
            raise SandboxError(f"{which} finds nothing: no such text.", _what_is_there(text, find))
        if count > 1 and not edit.everywhere:
            raise SandboxError(
                f"{which} finds {count} places, on lines {_lines(text, find)}.",
                "Give more of the lines around the one that you mean, or set everywhere.",
            )
        text = text.replace(find, replace)
    if text == before:
        raise SandboxError("The edits change nothing.", "The file is as you want it already.")
    return text


def _what_is_there(text: str, find: str) -> str:
    """A hint for text that is not in the file: what in it comes closest."""
    wanted = next((line for line in find.splitlines() if line.strip()), find)
    lines = text.splitlines()[:COMPARED]
    for number, line in enumerate(lines, 1):
        if line.split() == wanted.split() and line.split():
            return f"Line {number} differs in whitespace only; it is {line!r}. Copy it exactly."
    close = difflib.get_close_matches(wanted, set(lines), n=1, cutoff=CLOSE)
    if close:
        number = lines.index(close[0]) + 1
        return (
            f"Line {number} comes closest: {close[0]!r}. Read the file and copy the text exactly."
        )
    return "Read the file with read_file and copy the text exactly."


def _lines(text: str, find: str) -> str:
    found: list[str] = []
    position = text.find(find)
    while position >= 0 and len(found) < PLACES_TOLD:
        found.append(str(text.count("\n", 0, position) + 1))
        position = text.find(find, position + len(find))
    return ", ".join(found) + (" …" if position >= 0 else "")


def _compared(before: str, after: str) -> Edited:
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > DIFF_LINES:
        return Edited("", len(new), 0, 0)
    # Without the two lines that name the file.
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    diff = "\n".join(lines)
    if len(diff) > DIFF_SHOWN:
        diff = diff[:DIFF_SHOWN].rpartition("\n")[0] + "\n…"
    return Edited(diff, len(new), added, removed)

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.read_file.excerpt import excerpt
from chat.tools.workspace_paths import relative
from sandboxes.services import files as sandbox_files
from vibe.refusal import Refusal


async def read_file(
    ctx: RunContext[TurnContext],
    path: str,
    line: Annotated[int, Field(ge=1)] = 1,
    column: Annotated[int, Field(ge=1)] = 1,
    sandbox: str = "",
) -> Answer:
    """Read a text file of the sandbox. Of a large one the beginning comes, and a note how to go on.

    Args:
        path: Path below /vercel/sandbox.
        line: The first line to read.
        column: Above 1, only that line is read, from this column on; for very long lines.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    name = relative(path)
    try:
        data = await call(sandbox_files.read_file, box, name)
    except Refusal as error:
        hint = error.hint or "See list_files; of a large file read a part with head, tail or sed."
        message = f"{name} cannot be read. {error.message}"
        raise Refusal(message, hint, error.code) from error
    if b"\x00" in data:
        raise Refusal(
            f"{name} is not a text file.",
            "Look at it with a command such as file, xxd or strings.",
            code="invalid",
        )
    text = data.decode(errors="replace")
    lines = len(text.splitlines())
    content, note = excerpt(text, line, column)
    said: dict[str, object] = {"path": name, "content": content}
    if note:
        said["note"] = note
    return Answer(said=said, card={"path": name, "lines": lines, "cut": bool(note)})

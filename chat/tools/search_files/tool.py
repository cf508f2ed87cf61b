from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.long_lines import shortened, within
from chat.tools.workspace_paths import relative
from sandboxes.services import files as sandbox_files

MATCHES = 100
CHARACTERS = 60_000


async def search_files(
    ctx: RunContext[TurnContext],
    text: Annotated[str, Field(min_length=1, max_length=500)],
    path: str = ".",
    names: str = "",
    case: bool = False,
    sandbox: str = "",
) -> Answer:
    """Find the lines that hold a text in the files of the sandbox. Plain text, no pattern.

    Folders such as node_modules and .git, and files that are not text, are left out.

    Args:
        text: What to look for.
        path: Directory below /vercel/sandbox; everything when left out.
        names: Only in files with such names, e.g. *.py; all when left out.
        case: Whether upper and lower case differ.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    matches, truncated, count = await call(
        sandbox_files.search,
        box,
        text,
        path=relative(path),
        case=case,
        names=names,
        limit=MATCHES,
    )
    found = [f"{match.path}:{match.line}: {shortened(match.text)}" for match in matches]
    lines = within(found, CHARACTERS)
    said: dict[str, object] = {"matches": lines, "files_searched": count}
    if truncated or len(lines) < len(found):
        said["truncated"] = True
        said["note"] = (
            f"There may be more than these {len(lines)}: look for something more particular. Of "
            "files over 2 MB only the first part is searched; use grep for the rest."
        )
    return Answer(said=said, card={"matches": len(lines), "listing": "\n".join(lines)})

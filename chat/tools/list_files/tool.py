from __future__ import annotations

from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.long_lines import within
from chat.tools.workspace_paths import relative
from sandboxes.services import files as sandbox_files

LIST_LIMIT = 1_000
LIST_CHARACTERS = 60_000
LEFT_OUT = {"node_modules", ".git", "__pycache__", ".venv"}


async def list_files(
    ctx: RunContext[TurnContext],
    path: str = ".",
    sandbox: str = "",
) -> Answer:
    """List the files of the sandbox below a directory, without node_modules, .git and the like.

    Args:
        path: Directory below /vercel/sandbox; everything when left out.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    name = relative(path)
    entries, truncated = await call(sandbox_files.list_files, box, name)
    shown = [entry for entry in entries if not LEFT_OUT.intersection(entry.path.split("/"))]
    lines = [
        f"{entry.path}/" if entry.kind == "dir" else f"{entry.path} ({entry.size} bytes)"
        for entry in shown[:LIST_LIMIT]
    ]
    lines = within(lines, LIST_CHARACTERS)
    count = sum(entry.kind == "file" for entry in shown)
    said: dict[str, object] = {"path": name, "entries": lines}
    if truncated or len(shown) > len(lines):
        said["note"] = "There is more; list a directory further down."
    return Answer(said=said, card={"path": name, "count": count})

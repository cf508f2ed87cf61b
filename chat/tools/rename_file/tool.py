from __future__ import annotations

from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.workspace_paths import relative
from sandboxes.services import files as sandbox_files
from vibe.refusal import Refusal


async def rename_file(
    ctx: RunContext[TurnContext],
    source: str,
    target: str,
    overwrite: bool = False,
    sandbox: str = "",
) -> Answer:
    """Rename or move a file or folder of the sandbox; directories of the target are made.

    Args:
        source: Path below /vercel/sandbox.
        target: Its new path, name included.
        overwrite: Replace a file that is there already.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    old, new = relative(source), relative(target)
    if "." in (old, new):
        raise Refusal("The workspace itself keeps its place.", "Name what is in it.")
    try:
        await call(sandbox_files.move, box, old, new, overwrite=overwrite)
    except Refusal as error:
        hint = error.hint or "See list_files; overwrite=true replaces a file that is there."
        message = f"{old} cannot become {new}. {error.message}"
        raise Refusal(message, hint, error.code) from error
    return Answer(said={"renamed": old, "to": new}, card={"source": old, "target": new})

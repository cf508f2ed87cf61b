from __future__ import annotations

from pydantic_ai import RunContext

from chat.tools import difference
from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.edit_file.edits import Edit, applied
from chat.tools.workspace_paths import relative
from sandboxes.models import Sandbox
from sandboxes.services import files as sandbox_files
from vibe.refusal import Refusal

FILE_LIMIT = 2_000_000


async def edit_file(
    ctx: RunContext[TurnContext],
    path: str,
    edits: list[Edit],
    sandbox: str = "",
) -> Answer:
    """Change parts of a text file by exact find and replace; the rest stays as it is.

    Each `find` must occur exactly once, so give enough lines around the place. Edits apply in
    order, all of them or none. Prefer this to writing a whole file again.

    Args:
        path: Path below /vercel/sandbox.
        edits: What to find and what to put in its place.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    if not edits:
        raise Refusal("No edit was given.", "Give at least one find and replace.")
    box = await running_sandbox(ctx.deps, sandbox)
    name = relative(path)
    edited = await call(_edit, box, name, edits)
    file = {
        "path": name,
        "lines": edited.lines,
        "added": edited.added,
        "removed": edited.removed,
        "diff": edited.diff,
    }
    return Answer(
        said={"path": name, "diff": edited.diff},
        card={"files": [file]},
    )


def _edit(sandbox: Sandbox, path: str, edits: list[Edit]) -> difference.Difference:
    with sandbox_files.open_file(sandbox, path, max_bytes=FILE_LIMIT) as reading:
        data = b"".join(sandbox_files.in_words(reading))
        version = reading.info.version if reading.info else ""
    try:
        before = data.decode()
    except UnicodeDecodeError as error:
        raise Refusal(
            f"{path} is not text in UTF-8.", "Change it with a command instead."
        ) from error
    after = applied(before, edits)
    # Only over what was read: a command may have written the file meanwhile.
    sandbox_files.write_file(sandbox, path, [after.encode()], expect=version)
    return difference.between(before, after)

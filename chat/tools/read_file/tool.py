from __future__ import annotations

from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.workspace_paths import relative
from sandboxes.services import files as sandbox_files
from vibe.refusal import Refusal

READ_LIMIT = 200_000


async def read_file(ctx: RunContext[TurnContext], path: str) -> Answer:
    """Read a text file of the sandbox (up to 200 KB).

    Args:
        path: Path below /vercel/sandbox.
    """
    sandbox = await running_sandbox(ctx.deps)
    name = relative(path)
    try:
        data = await call(sandbox_files.read_file, sandbox, name)
    except Refusal as error:
        hint = error.hint or "See list_files; of a large file read a part with head, tail or sed."
        message = f"{name} cannot be read. {error.message}"
        raise Refusal(message, hint, error.code) from error
    cut = len(data) > READ_LIMIT
    data = data[:READ_LIMIT]
    if b"\x00" in data:
        raise Refusal(
            f"{name} is not a text file.",
            "Look at it with a command such as file, xxd or strings.",
            code="invalid",
        )
    text = data.decode(errors="replace")
    lines = len(text.splitlines())
    said: dict[str, object] = {"path": name, "content": text}
    if cut:
        said["note"] = (
            f"Only the first {READ_LIMIT:,} bytes; read the rest with a command, "
            f"e.g. tail -c +{READ_LIMIT + 1} {name}"
        )
    return Answer(said=said, card={"path": name, "lines": lines, "cut": cut})

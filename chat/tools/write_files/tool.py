from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.workspace_paths import relative
from chat.tools.write_files.writing import FILE_LIMIT, bounded, write
from vibe.refusal import Refusal


class File(BaseModel):
    path: Annotated[str, Field(description="Path below /vercel/sandbox, e.g. src/app.py")]
    content: Annotated[str, Field(description="The whole content of the file")]


async def write_files(
    ctx: RunContext[TurnContext],
    files: list[File],
    sandbox: str = "",
) -> Answer:
    """Write text files into the sandbox; directories are made, existing files are replaced.

    Give whole files. Write several files in one call. Only write files that are new or must
    change; read a file first when you do not know its present content. Line ends are \\n; a file
    whose lines all end by CRLF keeps that.

    Args:
        files: The files to write.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    if not files:
        raise Refusal("No file was given.", "Give at least one file.", code="invalid")
    box = await running_sandbox(ctx.deps, sandbox)
    wanted = [(_path(file), file.content) for file in files]
    early = None if sandbox else ctx.deps.early_files
    # What was written while the model was still writing the call is not written again.
    known = [await early.claim(path, content) if early else None for path, content in wanted]
    rest = [each for each, done in zip(wanted, known, strict=True) if done is None]
    fresh = iter(await call(write, box, rest) if rest else [])
    written = bounded([done or next(fresh) for done in known])
    return Answer(
        said={"written": [f"{file['path']} ({file['lines']} lines)" for file in written]},
        card={"files": written},
    )


def _path(file: File) -> str:
    path = relative(file.path)
    if len(file.content.encode()) > FILE_LIMIT:
        raise Refusal(
            f"{path} is larger than {FILE_LIMIT // 1_000_000} MB.",
            "Let a command in the sandbox produce large files.",
            code="limit",
        )
    return path

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic_ai import RunContext

from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.line_ends import is_crlf, with_line_end
from chat.tools.workspace_paths import relative
from sandboxes.models import Sandbox
from sandboxes.services import files as sandbox_files
from vibe import differences
from vibe.refusal import Refusal

FILE_LIMIT = 2_000_000


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
    written = await call(_write, box, files)
    return Answer(
        said={"written": [f"{file['path']} ({file['lines']} lines)" for file in written]},
        card={"files": written},
    )


def _write(sandbox: Sandbox, files: list[File]) -> list[dict[str, Any]]:
    wanted = [(relative(file.path), file.content) for file in files]
    for path, content in wanted:
        if len(content.encode()) > FILE_LIMIT:
            raise Refusal(
                f"{path} is larger than {FILE_LIMIT // 1_000_000} MB.",
                "Let a command in the sandbox produce large files.",
                code="limit",
            )
    before = {path: _present_content(sandbox, path) for path, _ in wanted}
    # Models write \n: a file all of whose lines end by \r\n stays one of those.
    wanted = [
        (path, with_line_end(content, "\r\n") if is_crlf(before[path]) else content)
        for path, content in wanted
    ]
    sandbox_files.write_files(sandbox, [(path, content.encode()) for path, content in wanted])
    return [_facts(path, before[path], content) for path, content in wanted]


def _present_content(sandbox: Sandbox, path: str) -> str:
    try:
        return sandbox_files.read_file(sandbox, path, max_bytes=FILE_LIMIT).decode(errors="replace")
    except Refusal:
        # New, or something that cannot be read: the card then counts every line as added.
        return ""


def _facts(path: str, before: str, after: str) -> dict[str, Any]:
    lines = len(after.splitlines())
    changed = differences.counts(before, after) if before else None
    # Of what would take too long to compare, every line counts as a new one.
    added, removed = changed or (lines, len(before.splitlines()))
    return {
        "path": path,
        "lines": lines,
        "bytes": len(after.encode()),
        "added": added,
        "removed": removed,
    }

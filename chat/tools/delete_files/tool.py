from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from pydantic_ai import RunContext

from chat.models import Part
from chat.tools.context import Answer, TurnContext, call, running_sandbox
from chat.tools.workspace_paths import relative
from sandboxes.models import Sandbox
from sandboxes.services import files as sandbox_files
from vibe.refusal import Refusal

MOST = 200


async def delete_files(
    ctx: RunContext[TurnContext],
    paths: Annotated[list[str], Field(min_length=1, max_length=MOST)],
    folders: bool = False,
    sandbox: str = "",
) -> Answer:
    """Delete files of the sandbox. Each is tried; the answer says which are left, and why.

    Args:
        paths: Paths below /vercel/sandbox; no patterns.
        folders: Also delete folders with everything in them.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    box = await running_sandbox(ctx.deps, sandbox)
    names = list(dict.fromkeys(relative(path) for path in paths))
    if "." in names:
        raise Refusal(
            "The whole workspace cannot be deleted.",
            "Name the files and folders in it.",
            code="invalid",
        )
    gone, left = await call(_delete, box, names, folders)
    if not gone:
        refusal = left[0][1]
        raise Refusal(f"{left[0][0]}: {refusal.message}", _hint(refusal), refusal.code)
    said: dict[str, Any] = {"deleted": gone}
    if left:
        said["not_deleted"] = [f"{name}: {why.message} {_hint(why)}" for name, why in left[:20]]
    state = Part.State.FAILED if left else Part.State.DONE
    card: dict[str, Any] = {"paths": gone}
    if left:
        card["message"] = f"{len(left)} could not be deleted: {left[0][0]}"
        card["hint"] = left[0][1].message
    return Answer(said=said, card=card, state=state)


def _delete(
    sandbox: Sandbox, names: list[str], folders: bool
) -> tuple[list[str], list[tuple[str, Refusal]]]:
    gone: list[str] = []
    left: list[tuple[str, Refusal]] = []
    for name in names:
        try:
            sandbox_files.remove(sandbox, name, recursive=folders)
        except Refusal as refusal:
            left.append((name, refusal))
        else:
            gone.append(name)
    return gone, left


def _hint(refusal: Refusal) -> str:
    return refusal.hint or "See list_files; a folder with files in it needs folders=true."

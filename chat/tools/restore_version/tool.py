from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from pydantic_ai import RunContext

from chat.models import Turn, Version
from chat.services.versioning import versions
from chat.tools.context import Answer, TurnContext, call
from sandboxes.models import Checkpoint
from sandboxes.services import checkpoints
from vibe.refusal import Refusal

RESTORE_SECONDS = 120.0


async def restore_version(
    ctx: RunContext[TurnContext],
    number: Annotated[int, Field(ge=1)],
    keep_data: bool = False,
) -> Answer:
    """Put the files and servers of an earlier version in the place of the present ones.

    What is there now is kept as a version before that. Do so only when the user asks for it.

    Args:
        number: The version's number, see list_versions.
        keep_data: Leave the app's databases as they are.
    """
    restored, steps = await call(_restore, ctx.deps, number, keep_data)
    said: dict[str, Any] = {
        "restored": number,
        "title": restored.title,
        "servers_started_again": [one["line"] for one in restored.checkpoint.servers],
        "note": "Read files before you edit them.",
    }
    if steps:
        said["lock_files_differ_so_run"] = steps
    return Answer(said=said, card={"number": number, "title": restored.title})


def _restore(context: TurnContext, number: int, keep_data: bool) -> tuple[Version, list[str]]:
    turn = Turn.objects.select_related("conversation").get(pk=context.turn_id)
    found = versions.list_for(turn.conversation).filter(number=number).first()
    if found is None:
        raise Refusal(
            f"There is no version {number}.", "See list_versions for those there are.", "not_found"
        )
    made = versions.restore(found, keep_data=keep_data, within=turn)
    checkpoint = checkpoints.wait(made.checkpoint, RESTORE_SECONDS)
    if checkpoint.status != Checkpoint.Status.MADE:
        raise Refusal(
            f"The version could not be put back: {checkpoint.error or 'it takes too long.'}",
            "The files are as they were. Choose another version, or go on without.",
            code="unavailable",
        )
    return found, checkpoint.next_steps

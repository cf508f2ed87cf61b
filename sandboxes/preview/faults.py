"""Tells of servers that answer with errors, beside the answer: nobody waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sandboxes.preview.access import Access
from sandboxes.preview.host import Target
from sandboxes.services import asking, server_faults
from vibe.shares import Busy

# The loop itself holds tasks only weakly.
_telling: set[asyncio.Task[None]] = set()


def seen(known: Access, target: Target, method: str, path: str, status: int) -> None:
    """An answer has come; what is news is told in the background. path: without its query."""
    answer = server_faults.Answer(
        target.sandbox_id, target.port, method[:10], path[: server_faults.LONGEST], status
    )
    if not server_faults.worth_telling(answer):
        return
    task = asyncio.get_running_loop().create_task(_tell(known.owner_id, answer))
    _telling.add(task)
    task.add_done_callback(_telling.discard)


async def _tell(owner_id: int, answer: server_faults.Answer) -> None:
    with suppress(Busy):
        await asking.ask(owner_id, server_faults.tell, answer)

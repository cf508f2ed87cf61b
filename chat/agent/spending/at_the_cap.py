"""What happens to a turn whose next request no cap lets pass."""

from __future__ import annotations

from chat.services.spending.refusing import CapReached


async def ask(reached: CapReached) -> None:
    """Returns when the person has answered, and the request is held against the caps again.

    Until a turn can wait for an answer, it ends here: it has failed in words, what was answered
    stays, and trying again goes on from there.
    """
    raise reached

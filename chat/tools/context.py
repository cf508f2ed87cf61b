"""What a tool gets to know of the turn that calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeVar

from channels.db import database_sync_to_async

from chat.models import Conversation, Part
from sandboxes.models import Sandbox
from sandboxes.services import lifecycle, readiness
from vibe.accounts.models import User
from vibe.refusal import Refusal

START_SECONDS = 60.0

P = ParamSpec("P")
R = TypeVar("R")


async def call(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a blocking service function in a thread, with a database connection of its own.

    A tool may wait for a minute (a start, a command's end): in the few threads of
    `vibe.data.database.in_thread`, which are for short queries, eight such would hold up all.
    """
    run = database_sync_to_async(service, thread_sensitive=False)
    return await run(*args, **kwargs)


class Cards(Protocol):
    """The cards of the turn's tool calls, as far as tools touch them."""

    async def change_card(self, call_id: str, **fields: Any) -> None: ...


class WrittenEarly(Protocol):
    """Files that were written while the model was still writing their call."""

    def answer_begins(self, tools: Collection[str]) -> None: ...

    async def claim(self, path: str, content: str) -> dict[str, Any] | None: ...


@dataclass
class TurnContext:
    """Dependencies of the agent's tools in one turn."""

    turn_id: str
    conversation_id: str
    owner: User
    cards: Cards
    # Until it is done, the files are being saved as they were before the turn.
    files_saved: asyncio.Future[None] | None = None
    early_files: WrittenEarly | None = None


@dataclass(frozen=True)
class Answer:
    """What a tool hands back: `said` to the model, `card` and `state` to the person's page."""

    said: dict[str, Any] | str
    card: dict[str, Any] = field(default_factory=dict)
    state: str = Part.State.DONE


async def running_sandbox(context: TurnContext) -> Sandbox:
    """The conversation's sandbox, resumed when it was stopped. Raises Refusal."""
    return await call(_running_sandbox, context.conversation_id)


def _running_sandbox(conversation_id: str) -> Sandbox:
    conversation = Conversation.objects.select_related("sandbox").get(pk=conversation_id)
    sandbox = conversation.sandbox
    if sandbox is None or sandbox.deleted_at is not None:
        raise Refusal(
            "This conversation has no sandbox yet.",
            "Call create_sandbox first, then repeat this call.",
            code="not_found",
        )
    if sandbox.status in (Sandbox.Status.STOPPED, Sandbox.Status.FAILED):
        lifecycle.resume(sandbox)
    if not sandbox.is_running:
        sandbox = readiness.wait_until_running(sandbox, timeout=START_SECONDS)
    return sandbox

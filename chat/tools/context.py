"""What a tool gets to know of the turn that calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeVar

from channels.db import database_sync_to_async

from chat.models import Conversation, Part, Question
from chat.services import conversation_sandboxes
from chat.services.asking.waiting import Asked
from chat.services.context.history import Past
from chat.services.mcp.server_tools import ServerTool
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

    async def open_part(self, kind: str) -> Part: ...

    async def change_part(self, part: Part, **fields: Any) -> None: ...


class Asks(Exception):
    """Nothing goes on without the person. Raised by a tool, or by what acts around the model's
    requests: the turn then waits, and goes on from here with the answer.
    """

    def __init__(self, kind: str, asked: dict[str, Any]) -> None:
        super().__init__(kind)
        self.kind = kind
        self.asked = asked


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
    # The model's id, and what it is told of before this run.
    model: str = ""
    past: Past = field(default_factory=Past)
    # What it is told from the workspace and by people in all conversations, and what of that was
    # left out.
    memory: str = ""
    memory_left_out: list[str] = field(default_factory=list)
    # In "plan" nothing may be changed or started.
    mode: str = Conversation.Mode.BUILD
    # Whether a plan was approved, whose steps can be ticked off.
    has_plan: bool = False
    # What a call of this run asks the person: the calls after it wait too.
    asked: Asked | None = None
    # The answer with which the turn goes on, and the call that it allows.
    answer: Question | None = None

    # Tools of other servers, once they were asked for.
    server_tools: dict[str, ServerTool] | None = None

    @property
    def plans(self) -> bool:
        return self.mode == Conversation.Mode.PLAN


@dataclass(frozen=True)
class Answer:
    """What a tool hands back: `said` to the model, `card` and `state` to the person's page."""

    said: dict[str, Any] | str
    card: dict[str, Any] = field(default_factory=dict)
    state: str = Part.State.DONE
    # What the model gets in place of `said` alone: with pictures, as its library wants them.
    shown: Any = None


async def running_sandbox(context: TurnContext, name: str = "") -> Sandbox:
    """The conversation's sandbox, or another one of it by name, resumed when it was stopped.

    Raises Refusal.
    """
    return await call(_running_sandbox, context.conversation_id, name, resume=not context.plans)


def _running_sandbox(conversation_id: str, name: str, *, resume: bool) -> Sandbox:
    sandbox = conversation_sandboxes.find(conversation_id, name)
    if not resume and not sandbox.is_running:
        raise Refusal(
            "The sandbox does not run, and in plan mode nothing is started.",
            "Plan with what you know of the files, or ask the user to start the sandbox.",
            code="not_running",
        )
    if sandbox.status in (Sandbox.Status.STOPPED, Sandbox.Status.FAILED):
        lifecycle.resume(sandbox)
    if not sandbox.is_running:
        sandbox = readiness.wait_until_running(sandbox, timeout=START_SECONDS)
    return sandbox

"""What happens between two steps of a turn: what the person has said meanwhile comes in, and a turn
that is to stop after its step stops."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.agent import story
from chat.agent.recorder import Recorder
from chat.agent.story import Story
from chat.models import Turn
from chat.services import delivery
from chat.services.journal import Journal
from chat.tools.context import TurnContext


class StoppedAfterStep(Exception):
    """The person has asked for it."""


@dataclass
class Steering(AbstractCapability[TurnContext]):
    """Of one run; it is given with the run."""

    recorder: Recorder
    journal: Journal
    story: Story

    @override
    async def before_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        to_stop, is_due = await self.recorder.do(_look, self.journal.turn)
        if to_stop:
            raise StoppedAfterStep
        if not is_due:
            return request_context
        # Not to be cut off: who stops the turn now finds what has come in written down whole.
        coming = asyncio.ensure_future(self._take_in())
        try:
            texts = await asyncio.shield(coming)
        except asyncio.CancelledError:
            await coming
            raise
        for text in texts:
            ctx.enqueue(text)
        return request_context

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        self.story.taken_in = []  # they are part of the run
        return request_context

    async def _take_in(self) -> list[str]:
        await self.recorder.step_done()
        self.story.take()
        texts = await self.recorder.do(self.journal.take_in, self.story.messages, story.said)
        self.story.taken_in = [story.said(text) for text in texts]
        return texts


def _look(turn: Turn) -> tuple[bool, bool]:
    """Whether the turn is to stop here, and whether messages wait for it."""
    to_stop = Turn.objects.filter(pk=turn.pk, stop_after_step_at__isnull=False).exists()
    return to_stop, delivery.is_due(turn)

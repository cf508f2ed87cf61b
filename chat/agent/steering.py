"""What happens between two steps of a turn: what the person has said meanwhile comes in, and a turn
that is to stop after its step stops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import ModelRequest, UserContent, UserPromptPart
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.agent import attached, story
from chat.agent.recorder import Recorder
from chat.agent.story import Story
from chat.models import QueuedMessage, Turn
from chat.services import delivery
from chat.services.attaching import placing
from chat.services.journal import Journal
from chat.tools.context import TurnContext, call

Content = str | Sequence[UserContent]
# Of messages that wait, by their ids: what their files are to the model.
Files = dict[str, list[UserContent]]


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
        to_stop, due = await self.recorder.do(_look, self.journal.turn)
        if to_stop:
            raise StoppedAfterStep
        if not due:
            return request_context
        files = await self._files(ctx.deps, due)
        # Not to be cut off: who stops the turn now finds what has come in written down whole.
        coming = asyncio.ensure_future(self._take_in(files))
        try:
            contents = await asyncio.shield(coming)
        except asyncio.CancelledError:
            await coming
            raise
        for content in contents:
            ctx.enqueue(ModelRequest(parts=[UserPromptPart(content)]))
        return request_context

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        self.story.taken_in = []  # they are part of the run
        return request_context

    async def _files(self, context: TurnContext, due: list[QueuedMessage]) -> Files:
        """What each of them brings along. It goes into the workspace, once that is saved as it was
        before the turn; the messages themselves are not sent yet."""
        if any(one.attachments.all() for one in due) and context.files_saved is not None:
            await asyncio.shield(context.files_saved)
        return await call(_placed, context.conversation_id, due)

    async def _take_in(self, files: Files) -> list[Content]:
        await self.recorder.step_done()
        self.story.take()
        telling = delivery.Telling(
            lambda queued: attached.content(queued.text, files[queued.pk]), story.said
        )
        contents: list[Content] = await self.recorder.do(
            self.journal.take_in, self.story.messages, telling, files.keys()
        )
        self.story.taken_in = [story.said(content) for content in contents]
        return contents


def _placed(conversation_id: str, due: list[QueuedMessage]) -> Files:
    why_not = ""
    if any(one.attachments.all() for one in due):
        ids = [one.pk for one in due]
        _, why_not = placing.place(conversation_id, waiting=ids)
    return {one.pk: attached.pieces(list(one.attachments.all()), why_not) for one in due}


def _look(turn: Turn) -> tuple[bool, list[QueuedMessage]]:
    """Whether the turn is to stop here, and which messages wait for it."""
    to_stop = Turn.objects.filter(pk=turn.pk, stop_after_step_at__isnull=False).exists()
    return to_stop, delivery.due(turn)

"""What model and tools do in a turn: the run of the agent library, begun, followed, gone on with by
another model when one cannot answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from pydantic_ai import Agent, CancellationToken, DeferredToolRequests, UsageLimits
from pydantic_ai.messages import (
    FunctionToolResultEvent,
    ModelMessagesTypeAdapter,
    PartStartEvent,
    UserContent,
)
from pydantic_ai.run import AgentRunResultEvent

from chat.agent import attached, model_factory, modes, resuming, stepping_in, toolset
from chat.agent.attached_pictures import AttachedPictures
from chat.agent.context import instructions
from chat.agent.context.caching import CacheKey
from chat.agent.context.compaction import Compaction
from chat.agent.context.measuring import Measuring
from chat.agent.recorder import Recorder
from chat.agent.spending.capability import Spending
from chat.agent.steering import Steering
from chat.agent.story import USAGE, Story, dump
from chat.agent.streaming.capability import FilesWhileStreaming
from chat.agent.streaming.early_files import EarlyFiles
from chat.agent.wire.sound_answers import SoundAnswers
from chat.models import Conversation, Turn
from chat.services import turns
from chat.services.asking import plans
from chat.services.asking.waiting import Asked
from chat.services.attaching import attachments
from chat.services.branching import forks
from chat.services.checking import checks
from chat.services.context import history
from chat.services.journal import Journal
from chat.services.sharing import remixing
from chat.services.versioning import versions
from chat.tools.context import TurnContext, call

logger = logging.getLogger(__name__)


@cache
def agent() -> Agent[TurnContext, str | DeferredToolRequests]:
    return Agent(
        deps_type=TurnContext,
        output_type=[str, DeferredToolRequests],
        instructions=[modes.instructions],
        toolsets=[toolset.build(), toolset.of_servers()],
        # In the order in which they shape a request.
        capabilities=[
            Compaction(),
            Measuring(),
            CacheKey(),
            SoundAnswers(),
            AttachedPictures(),
            modes.OfferedTools(),
            # After the tools of the mode are chosen: what is not offered is not written early.
            FilesWhileStreaming(),
            Spending(),
        ],
        name="builder",
    )


async def converse(
    turn: Turn, recorder: Recorder, journal: Journal, token: CancellationToken, story: Story
) -> Asked | None:
    """Let model and tools work; what the turn then waits for, if it does."""
    owner = turn.conversation.owner  # before the row is read anew
    told = await call(instructions.of, turn.conversation, turn.model)
    story.done_before = dump(turn.history)
    story.messages = story.done_before
    story.usage_before = {name: getattr(turn, name) for name in USAGE}
    resumption = await call(resuming.of, turn)
    if resumption is not None:
        recorder.adopt(await recorder.do(journal.cards))
        if resumption.ends:
            story.messages = history.closed(story.messages, resuming.DISCARDED)
            return None
    # A plan changes no file; a turn that goes on with an answer has saved them when it began, and
    # what it has done since is its own.
    begins = resumption is None or resumption.question.kind == Turn.WaitingFor.PLAN
    saves = begins and turn.mode != Conversation.Mode.PLAN
    saved = asyncio.create_task(_saved(turn), name="files saved") if saves else None
    files = await call(attachments.of_turn, turn)
    if saved is not None and files:
        await saved  # before they go into the workspace
    prompt, past = await call(_prompt_and_history, turn)
    context = TurnContext(
        turn_id=turn.pk,
        conversation_id=turn.conversation_id,
        owner=owner,
        model=turn.model,
        cards=recorder,
        files_saved=saved,
        past=past,
        memory=told.memory,
        memory_left_out=told.left_out,
        mode=turn.mode,
        has_plan=await call(plans.approved, turn.conversation_id) is not None,
        answer=resumption.question if resumption else None,
    )
    line = await call(stepping_in.line_of, turn)
    while True:
        try:
            given = _Given(prompt, past, told.texts, resumption)
            return await _ask(turn, recorder, journal, token, story, context, given)
        except Exception as fault:
            if story.speaking or not stepping_in.can_another_try(fault, turn.model):
                raise
            failed, following = turn.model, line.after(turn.model)
            if not following:
                raise
            logger.warning("Turn %s goes on with %s after %s", turn.pk, following, failed)
            await call(turns.goes_on_with, turn, following)
            note = await call(stepping_in.note, turn, failed, following, fault)
            await recorder.do(journal.note, note)
            resumption = resumption and resumption.left_after(story.messages)
            # Calls that still wait for their results are given them once more.
            waits = resumption is not None and resumption.results is not None
            story.step_in(story.messages if waits else history.resumable(story.messages))
            if story.messages:
                prompt, turn.history = None, story.messages
            # A smaller model may be told less.
            past = context.past = await call(history.past, turn)
            told = await call(instructions.of, turn.conversation, turn.model)
            context.model = turn.model


@dataclass(frozen=True)
class _Given:
    """What a run of the agent library begins with."""

    prompt: str | Sequence[UserContent] | None
    past: history.Past
    instructions: Sequence[str]
    resumption: resuming.Resumption | None


async def _ask(
    turn: Turn,
    recorder: Recorder,
    journal: Journal,
    token: CancellationToken,
    story: Story,
    context: TurnContext,
    given: _Given,
) -> Asked | None:
    """Let the turn's model work until it is done, asks or fails; what the turn then waits for."""
    story.speaking = False
    resumption = given.resumption
    context.early_files = recorder.early_files = EarlyFiles(context)
    async with (
        model_factory.opened(turn.model, turn.conversation.owner_id, turn.effort) as model,
        agent().run_stream_events(
            given.prompt,
            message_history=ModelMessagesTypeAdapter.validate_python(given.past.messages),
            instructions=given.instructions,
            deferred_tool_results=resumption.results if resumption else None,
            model=model,
            deps=context,
            usage_limits=UsageLimits(request_limit=story.steps_left(settings.MAX_STEPS)),
            cancellation_token=token,
            capabilities=[Steering(recorder, journal, story)],
            timeout=turns.TURN_SECONDS,
        ) as events,
    ):
        story.run = events
        try:
            async for event in events:
                if resumption is not None and resumption.results is None:
                    await recorder.do(journal.use_answer)
                if isinstance(event, AgentRunResultEvent):
                    story.limited = event.result.response.finish_reason == "length"
                    continue
                if isinstance(event, PartStartEvent):
                    story.speaking = True
                await recorder.handle(event)
                if isinstance(event, FunctionToolResultEvent):
                    story.take()
                    await recorder.do(journal.keep, story.messages, **story.usage)
                    story.speaking = False
        finally:
            story.take()
    return context.asked


async def _saved(turn: Turn) -> None:
    """The files as they are before the first tool is called; while the model thinks."""
    try:
        await call(versions.save_before, turn)
    except Exception:  # the turn is worth more than the version before it
        logger.exception("There is no version of the files before turn %s", turn.pk)


def _prompt_and_history(
    turn: Turn,
) -> tuple[str | Sequence[UserContent] | None, history.Past]:
    """What to say to the model, and what was said before.

    A turn that is tried again already has its request (and perhaps some steps) in its history.
    """
    past = history.past(turn)
    if turn.history:
        return None, past
    notes = (
        remixing.note_for(turn)
        + forks.note_for(turn)
        + versions.note_for(turn)
        + checks.note_for(turn)
    )
    return attached.prompt(turn, notes + history.request_of(turn)), past

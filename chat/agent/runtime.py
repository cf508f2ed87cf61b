"""Runs one turn: the model thinks and calls tools, the recorder writes, the person may stop it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from pydantic_ai import (
    Agent,
    CancellationToken,
    DeferredToolRequests,
    RunCancelled,
    UsageLimits,
)
from pydantic_ai.messages import (
    FunctionToolResultEvent,
    ModelMessagesTypeAdapter,
    PartStartEvent,
    UserContent,
)
from pydantic_ai.run import AgentRunResultEvent

from chat.agent import (
    attached,
    faults,
    model_factory,
    modes,
    resuming,
    stepping_in,
    toolset,
    undoing,
)
from chat.agent.attached_pictures import AttachedPictures
from chat.agent.context import instructions
from chat.agent.context.caching import CacheKey
from chat.agent.context.compaction import Compaction
from chat.agent.context.measuring import Measuring
from chat.agent.recorder import Recorder
from chat.agent.spending.capability import Spending
from chat.agent.steering import Steering, StoppedAfterStep
from chat.agent.story import USAGE, Story, dump
from chat.agent.wire.no_answers import AnswerCutOff, EmptyAnswer, OutputLimitReached
from chat.agent.wire.sound_answers import SoundAnswers
from chat.models import Conversation, Turn
from chat.providers import ProviderError
from chat.services import attachments, delivery, forks, history, plans, turns, versions
from chat.services.endings import end_turn
from chat.services.events import stop_key
from chat.services.journal import Journal
from chat.services.waiting import Asked
from chat.tools.context import Asks, TurnContext, call
from vibe.shares.owner import of_user, set_owner
from vibe.streams.hub import hub

logger = logging.getLogger(__name__)

WATCH_SECONDS = 5.0
PLATFORM_STOPPED = {
    "title": "The platform was stopped",
    "detail": "It ended while the model was at work. Retry to go on from there.",
    "action": "retry",
}


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
            Spending(),
        ],
        name="builder",
    )


@dataclass
class _Run:
    """A turn under way in this process, and how to end it from outside."""

    token: CancellationToken = field(default_factory=CancellationToken)
    by_platform: bool = False


_runs: dict[str, _Run] = {}
_runs_lock = threading.Lock()


def run(turn_id: str) -> None:
    """Work on the turn until it ends. Does nothing when it was stopped or taken before."""
    turn = turns.claim(turn_id)
    if turn is None:
        return
    set_owner(of_user(turn.conversation.owner_id))
    under_way = _Run()
    with _runs_lock:
        _runs[turn_id] = under_way
    try:
        if undoing.is_asked_for(turn):
            undoing.run(turn)
        else:
            asyncio.run(_work(turn, under_way))
    except Exception as error:
        # Nothing may leave a turn running for ever: this is the last net.
        logger.exception("Turn %s broke", turn_id)
        end_turn(turn_id, Turn.Status.FAILED, error=faults.describe(error, turn.model))
    finally:
        with _runs_lock:
            _runs.pop(turn_id, None)
    delivery.go_on(turn.conversation_id)


def interrupt_all() -> None:
    """End all turns of this process as failed but retryable; for the orderly stop of a worker."""
    with _runs_lock:
        under_way = list(_runs.values())
    for one in under_way:
        one.by_platform = True
        one.token.cancel()


async def _work(turn: Turn, under_way: _Run) -> None:
    journal = await call(Journal, turn)
    recorder = Recorder(journal)
    watcher = asyncio.create_task(_watch_stop(turn.pk, under_way.token), name="stop watcher")
    story = Story()
    status, error = Turn.Status.COMPLETED, None
    asked: Asked | None = None
    try:
        asked = await _converse(turn, recorder, journal, under_way.token, story)
        error = faults.OUTPUT_LIMIT if story.limited else None
    except Asks as asks:
        asked = Asked(asks.kind, asks.asked)
    except RunCancelled:
        if under_way.by_platform:
            status, error = Turn.Status.FAILED, PLATFORM_STOPPED
        else:
            status = Turn.Status.STOPPED
    except StoppedAfterStep:
        status = Turn.Status.STOPPED
    except Exception as fault:
        status, error = Turn.Status.FAILED, faults.describe(fault, turn.model)
        logger.warning("Turn %s failed: %s", turn.pk, error["title"], exc_info=_unexpected(fault))
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        try:
            await recorder.close()
        except Exception:
            # The end of the turn says what happened to it; here only its last words are lost.
            logger.exception("The last words of turn %s are lost", turn.pk)
        if asked is not None:
            await recorder.do(journal.wait, asked, history=story.messages, **story.usage)
        elif not (under_way.by_platform and await recorder.do(journal.give_back)):
            await recorder.do(
                journal.finish, status, error=error, history=story.messages, **story.usage
            )
        await recorder.shut()
        await hub().close()


async def _converse(
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
    # A plan changes no file.
    plans_only = turn.mode == Conversation.Mode.PLAN
    saved = None if plans_only else asyncio.create_task(_saved(turn), name="files saved")
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
    notes = forks.note_for(turn) + versions.note_for(turn)
    return attached.prompt(turn, notes + history.request_of(turn)), past


async def _watch_stop(turn_id: str, token: CancellationToken) -> None:
    """Cancel the run when the person asks for it: by the stream, or by the row without Redis."""
    async for entries in hub().watch(stop_key(turn_id), 0, idle=WATCH_SECONDS):
        requested = bool(entries) or await call(_stop_requested, turn_id)
        if requested:
            token.cancel()
            return


def _stop_requested(turn_id: str) -> bool:
    return Turn.objects.filter(pk=turn_id, stop_requested_at__isnull=False).exists()


def _unexpected(fault: Exception) -> Exception | None:
    """Faults of providers need no traceback in the log (it could hold a request's headers)."""
    module = type(fault).__module__.partition(".")[0]
    known = module in ("pydantic_ai", "httpx2", "openai", "anthropic") or isinstance(
        fault,
        ProviderError | AnswerCutOff | OutputLimitReached | EmptyAnswer,
    )
    return None if known else fault

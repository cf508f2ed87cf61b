"""Runs one turn: the model thinks and calls tools, the recorder writes, the person may stop it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from django.conf import settings
from pydantic_ai import Agent, CancellationToken, RunCancelled, UsageLimits
from pydantic_ai.agent import AgentRunEvents
from pydantic_ai.messages import FunctionToolResultEvent, ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.run import AgentRunResultEvent
from pydantic_core import to_jsonable_python

from chat.agent import faults, model_factory, prompts, toolset, undoing
from chat.agent.recorder import Recorder
from chat.agent.streaming.capability import FilesWhileStreaming
from chat.agent.streaming.early_files import EarlyFiles
from chat.agent.wire.no_answers import AnswerCutOff, EmptyAnswer, OutputLimitReached
from chat.agent.wire.sound_answers import SoundAnswers
from chat.models import Turn
from chat.providers import ProviderError
from chat.services import history, turns, versions
from chat.services.endings import end_turn
from chat.services.events import stop_key
from chat.services.journal import Journal
from chat.services.storable import storable
from chat.tools.context import TurnContext, call
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
def agent() -> Agent[TurnContext, str]:
    return Agent(
        deps_type=TurnContext,
        instructions=prompts.system(),
        toolsets=[toolset.build()],
        capabilities=[SoundAnswers(), FilesWhileStreaming()],
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
    story = _Story()
    status, error = Turn.Status.COMPLETED, None
    try:
        await _converse(turn, recorder, journal, under_way.token, story)
        error = faults.OUTPUT_LIMIT if story.limited else None
    except RunCancelled:
        if under_way.by_platform:
            status, error = Turn.Status.FAILED, PLATFORM_STOPPED
        else:
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
        await recorder.do(
            journal.finish, status, error=error, history=story.messages, **story.usage
        )
        await recorder.shut()
        await hub().close()


async def _converse(
    turn: Turn, recorder: Recorder, journal: Journal, token: CancellationToken, story: _Story
) -> None:
    prompt, messages = await call(_prompt_and_history, turn)
    story.done_before = _dump(turn.history)
    story.messages = story.done_before
    saved = asyncio.create_task(_saved(turn), name="files saved")
    context = TurnContext(
        turn_id=turn.pk,
        conversation_id=turn.conversation_id,
        owner=turn.conversation.owner,
        cards=recorder,
        files_saved=saved,
    )
    context.early_files = recorder.early_files = EarlyFiles(context)
    async with (
        model_factory.opened(turn.model) as model,
        agent().run_stream_events(
            prompt,
            message_history=messages,
            model=model,
            deps=context,
            usage_limits=UsageLimits(request_limit=settings.MAX_STEPS),
            cancellation_token=token,
            timeout=turns.TURN_SECONDS,
        ) as events,
    ):
        try:
            async for event in events:
                if isinstance(event, AgentRunResultEvent):
                    story.limited = event.result.response.finish_reason == "length"
                    continue
                await recorder.handle(event)
                if isinstance(event, FunctionToolResultEvent):
                    story.take(events)
                    await recorder.do(journal.keep, story.messages, **story.usage)
        finally:
            story.take(events)


async def _saved(turn: Turn) -> None:
    """The files as they are before the first tool is called; while the model thinks."""
    try:
        await call(versions.save_before, turn)
    except Exception:  # the turn is worth more than the version before it
        logger.exception("There is no version of the files before turn %s", turn.pk)


@dataclass
class _Story:
    """Messages and token counts of the turn so far, as they go into its row."""

    messages: list[Any] = field(default_factory=list)
    done_before: list[Any] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)
    # Whether the last answer ended at the model's output limit.
    limited: bool = False

    def take(self, events: AgentRunEvents[str]) -> None:
        try:
            new, usage = events.new_messages(), events.usage
        except RuntimeError:
            # The run never started.
            return
        self.messages = [*self.done_before, *_dump(new)]
        self.usage = {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "requests": usage.requests,
        }


def _prompt_and_history(turn: Turn) -> tuple[str | None, Sequence[ModelMessage]]:
    """What to say to the model, and what was said before.

    A turn that is tried again already has its request (and perhaps some steps) in its history.
    """
    messages = [*history.before(turn), *turn.history]
    prompt = None if turn.history else versions.note_for(turn) + history.request_of(turn)
    return prompt, ModelMessagesTypeAdapter.validate_python(messages)


def _dump(messages: Sequence[Any]) -> list[Any]:
    """JSON of messages."""
    if messages and isinstance(messages[0], dict):
        return list(messages)
    # The library refuses to write halves of characters, which tools' arguments may hold.
    plain = ModelMessagesTypeAdapter.dump_python(list(messages))
    return cast("list[Any]", to_jsonable_python(storable(plain)))


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

"""Runs one turn: the model thinks and calls tools, the recorder writes, the person may stop it."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from pydantic_ai import (
    CancellationToken,
    RunCancelled,
)

from chat.agent import (
    faults,
    undoing,
)
from chat.agent.conversing import converse
from chat.agent.recorder import Recorder
from chat.agent.steering import StoppedAfterStep
from chat.agent.story import Story
from chat.agent.turn_threads import TurnThreads
from chat.agent.wire.no_answers import AnswerCutOff, EmptyAnswer, OutputLimitReached
from chat.models import Turn
from chat.providers import ProviderError
from chat.services import delivery, turns
from chat.services.asking.waiting import Asked
from chat.services.endings import end_turn
from chat.services.events import stop_key
from chat.services.journal import Journal
from chat.tools.context import Asks, call
from vibe.shares.owner import of_user, set_owner
from vibe.streams.hub import hub

logger = logging.getLogger(__name__)

WATCH_SECONDS = 5.0
PLATFORM_STOPPED = {
    "title": "The platform was stopped",
    "detail": "It ended while the model was at work. Retry to go on from there.",
    "action": "retry",
}


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
    asyncio.get_running_loop().set_default_executor(TurnThreads())
    journal = await call(Journal, turn)
    recorder = Recorder(journal)
    watcher = asyncio.create_task(_watch_stop(turn.pk, under_way.token), name="stop watcher")
    story = Story()
    status, error = Turn.Status.COMPLETED, None
    asked: Asked | None = None
    try:
        asked = await converse(turn, recorder, journal, under_way.token, story)
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
            await recorder.close(asks=asked.tool_call_id if asked else "")
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

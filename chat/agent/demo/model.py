"""The demo model: scripted, offline, plainly labelled; it drives the same tools as a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
    FunctionModel,
)
from pydantic_ai.settings import ModelSettings

from chat.agent.demo import chips, pace, scene
from chat.agent.demo.scripts import respond
from chat.agent.demo.steps import Call, Outcome, Say
from chat.models import Conversation
from chat.tools.context import TurnContext, call
from vibe.ids import new_id

THOUGHT, TOOL = 0, 1
# What chat/tools/context.py says of a conversation without one.
NO_SANDBOX = "This conversation has no sandbox"
_turn: ContextVar[TurnContext | None] = ContextVar("turn of the demo model", default=None)


class DemoModel(FunctionModel):
    """Lets the stream function know whose turn it answers."""

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        _turn.set(run_context.deps if run_context else None)
        async with super().request_stream(
            messages, model_settings, model_request_parameters, run_context
        ) as stream:
            yield stream


def demo_model() -> FunctionModel:
    return DemoModel(stream_function=speak, model_name="demo")


def next_step(messages: Sequence[ModelMessage], *, has_sandbox: bool | None = None) -> Call | Say:
    """What to do now: the script of the request, replayed up to the outcomes there are."""
    known = scene.read(messages, has_sandbox=has_sandbox)
    script = respond.script(known)
    outcomes = iter(known.outcomes)
    try:
        step = next(script)
        for outcome in outcomes:
            if _without_sandbox(outcome):
                # It was deleted meanwhile: make another, and take the step once more.
                made = next(outcomes, None)
                if made is None:
                    return Call("create_sandbox", words=known.voice("sandbox.lost"))
                again = next(outcomes, None) if made.ok else made
                if again is None:
                    return step
                outcome = again
            step = script.send(outcome)
    except StopIteration:
        return Say(known.voice("done"))
    return step


def _without_sandbox(outcome: Outcome) -> bool:
    return not outcome.ok and outcome.tool != "create_sandbox" and NO_SANDBOX in outcome.text


def _has_sandbox(conversation_id: str) -> bool:
    return Conversation.objects.filter(
        pk=conversation_id, sandbox__isnull=False, sandbox__deleted_at=None
    ).exists()


async def speak(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls | DeltaThinkingCalls]:
    """Stream the next step as a provider would."""
    turn = _turn.get()
    has_sandbox = await call(_has_sandbox, turn.conversation_id) if turn else None
    step = next_step(messages, has_sandbox=has_sandbox)
    if step.thought:
        async for word in pace.words(step.thought):
            yield {THOUGHT: DeltaThinkingPart(content=word)}
    words = step.words if isinstance(step, Call) else chips.at_the_end(step.words)
    async for word in pace.words(words):
        yield word
    if isinstance(step, Call):
        yield {TOOL: DeltaToolCall(name=step.tool, tool_call_id=new_id("call_"))}
        async for piece in pace.slices(json.dumps(step.arguments)):
            yield {TOOL: DeltaToolCall(json_args=piece)}

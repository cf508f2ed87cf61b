"""The demo model: scripted, offline, plainly labelled; it drives the same tools as a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
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

from chat.agent.demo import chips, pace
from chat.agent.demo.replay import next_step
from chat.agent.demo.steps import Call
from chat.models import Conversation, Message, QueuedMessage
from chat.tools.context import TurnContext, call
from vibe.ids import new_id

THOUGHT, TOOL = 0, 1
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


def _has_sandbox(conversation_id: str) -> bool:
    return Conversation.objects.filter(
        pk=conversation_id, sandbox__isnull=False, sandbox__deleted_at=None
    ).exists()


def _added(turn_id: str) -> int:
    """How many messages have come into the turn since it began."""
    came = QueuedMessage.objects.filter(message__turn=turn_id, message__turn__retry_of=None)
    first = Message.objects.filter(turn=turn_id).order_by("position")[:1]
    return came.exclude(message__in=first).count()


async def speak(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls | DeltaThinkingCalls]:
    """Stream the next step as a provider would."""
    turn = _turn.get()
    has_sandbox = await call(_has_sandbox, turn.conversation_id) if turn else None
    added = await call(_added, turn.turn_id) if turn else 0
    plans = turn is not None and turn.plans
    step = next_step(messages, has_sandbox=has_sandbox, added=added, plans=plans)
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

"""The demo model: scripted, offline, plainly labelled; it drives the same tools as a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
    FunctionModel,
)

from chat.agent.demo import chips, pace
from chat.agent.demo.replay import next_step
from chat.agent.demo.steps import Call
from chat.agent.scripted import ScriptedModel, added, present_turn
from chat.models import Conversation
from chat.tools.context import call
from vibe.ids import new_id

THOUGHT, TOOL = 0, 1


def demo_model() -> FunctionModel:
    return ScriptedModel(stream_function=speak, model_name="demo")


def _has_sandbox(conversation_id: str) -> bool:
    return Conversation.objects.filter(
        pk=conversation_id, sandbox__isnull=False, sandbox__deleted_at=None
    ).exists()


async def speak(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls | DeltaThinkingCalls]:
    """Stream the next step as a provider would."""
    turn = present_turn()
    has_sandbox = await call(_has_sandbox, turn.conversation_id) if turn else None
    came = await call(added, turn.turn_id) if turn else 0
    plans = turn is not None and turn.plans
    step = next_step(messages, has_sandbox=has_sandbox, added=came, plans=plans)
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

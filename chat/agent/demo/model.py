"""The demo model: scripted, offline, plainly labelled; it drives the same tools as a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
    FunctionModel,
)

from chat.agent.demo import pace, scene
from chat.agent.demo.intents import recognise
from chat.agent.demo.steps import Call, Say
from vibe.ids import new_id

THOUGHT, TOOL = 0, 1


def demo_model() -> FunctionModel:
    return FunctionModel(stream_function=speak, model_name="demo")


def next_step(messages: Sequence[ModelMessage]) -> Call | Say:
    """What to do now: the script of the request, replayed up to the outcomes there are."""
    known = scene.read(messages)
    script = recognise(known)
    try:
        step = next(script)
        for outcome in known.outcomes:
            step = script.send(outcome)
    except StopIteration:
        return Say("That is done.")
    return step


async def speak(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls | DeltaThinkingCalls]:
    """Stream the next step as a provider would."""
    step = next_step(messages)
    if step.thought:
        async for word in pace.words(step.thought):
            yield {THOUGHT: DeltaThinkingPart(content=word)}
    async for word in pace.words(step.words):
        yield word
    if isinstance(step, Call):
        yield {TOOL: DeltaToolCall(name=step.tool, tool_call_id=new_id("call_"))}
        async for piece in pace.slices(json.dumps(step.arguments)):
            yield {TOOL: DeltaToolCall(json_args=piece)}

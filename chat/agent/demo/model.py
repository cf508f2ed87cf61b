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
from chat.agent.demo.scripts import respond
from chat.agent.demo.steps import Call, Outcome, Say
from vibe.ids import new_id

THOUGHT, TOOL = 0, 1
# What chat/tools/context.py says of a conversation without one.
NO_SANDBOX = "This conversation has no sandbox"


def demo_model() -> FunctionModel:
    return FunctionModel(stream_function=speak, model_name="demo")


def next_step(messages: Sequence[ModelMessage]) -> Call | Say:
    """What to do now: the script of the request, replayed up to the outcomes there are."""
    known = scene.read(messages)
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

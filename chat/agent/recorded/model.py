"""The model of a recording: finds out where it stands and streams what comes next."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from functools import partial

from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.models.function import (
    AgentInfo,
    DeltaThinkingCalls,
    DeltaThinkingPart,
    DeltaToolCall,
    DeltaToolCalls,
    FunctionModel,
)

from chat.agent.demo import history, pace
from chat.agent.demo.steps import Outcome
from chat.agent.recorded.playing import Player
from chat.agent.scripted import ScriptedModel, added, present_turn
from chat.models import Turn
from chat.providers import ProviderError
from chat.providers.recordings import PREFIX, Recording, UnreadableRecording, find
from chat.tools.context import call
from vibe.ids import new_id

THOUGHT, TOOL = 0, 1


def recorded_model(name: str) -> FunctionModel:
    """Raises ProviderError when there is no such recording or it cannot be read."""
    try:
        recording = find(name)
    except UnreadableRecording as error:
        raise ProviderError(
            f"The recording {name[:60]!r} cannot be played", str(error), "choose_model"
        ) from None
    if recording is None:
        raise ProviderError(
            f"There is no recording called {name[:60]!r}",
            "Its file is gone or was renamed. Choose another model.",
            "choose_model",
        )
    model_id = f"{PREFIX}{name}"
    return ScriptedModel(
        stream_function=partial(_play, recording, model_id), model_name=model_id[:100]
    )


async def _play(
    recording: Recording, model_id: str, messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | DeltaToolCalls | DeltaThinkingCalls]:
    turn = present_turn()
    player = Player(recording)
    came = 0
    if turn is not None:
        for outcomes in await call(_before, turn.turn_id, model_id):
            player.skip(outcomes)
        came = await call(added, turn.turn_id)
    played = player.next(_outcomes(messages, last=came + 1), interrupted=came > 0)
    if played.thought:
        async for word in pace.words(played.thought):
            yield {THOUGHT: DeltaThinkingPart(content=word)}
    async for word in pace.words(played.text):
        yield word
    for number, (tool, arguments) in enumerate(played.calls, TOOL):
        yield {number: DeltaToolCall(name=tool, tool_call_id=new_id("call_"))}
        async for piece in pace.slices(json.dumps(arguments)):
            yield {number: DeltaToolCall(json_args=piece)}


def _outcomes(messages: Sequence[ModelMessage], *, last: int = 0) -> list[Outcome]:
    """What the calls came to that belong to the `last` requests; to all of them with 0."""
    return [outcome for turn in history.turns(messages)[-last:] for outcome in turn.outcomes]


def _before(turn_id: str, model_id: str) -> list[list[Outcome]]:
    """What came of the calls of each earlier turn that this recording has played."""
    turn = Turn.objects.get(pk=turn_id)
    earlier = (
        Turn.objects.filter(conversation=turn.conversation_id, model=model_id)
        .filter(created_at__lt=turn.created_at, status=Turn.Status.COMPLETED, superseded_by=None)
        .order_by("created_at", "id")
        .values_list("history", flat=True)
    )
    return [_outcomes(ModelMessagesTypeAdapter.validate_python(found)) for found in earlier]

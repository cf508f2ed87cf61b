"""A model without a provider: its answers are made here, by a function that knows the turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.settings import ModelSettings

from chat.models import Message, QueuedMessage
from chat.tools.context import TurnContext

_turn: ContextVar[TurnContext | None] = ContextVar("turn of the scripted model", default=None)


class ScriptedModel(FunctionModel):
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


def present_turn() -> TurnContext | None:
    """The turn that the stream function answers."""
    return _turn.get()


def added(turn_id: str) -> int:
    """How many messages have come into the turn since it began."""
    came = QueuedMessage.objects.filter(message__turn=turn_id, message__turn__retry_of=None)
    first = Message.objects.filter(turn=turn_id).order_by("position")[:1]
    return came.exclude(message__in=first).count()

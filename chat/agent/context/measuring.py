"""Notes what each request is made of, for the bar in the composer."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from django.db import DatabaseError
from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.agent.context import amounts
from chat.providers.sizes import context_size
from chat.services.context import context_use
from chat.tools.context import TurnContext, call

logger = logging.getLogger(__name__)


@dataclass
class Measuring(AbstractCapability[TurnContext]):
    """Of one run: `for_run` makes it anew."""

    estimated: dict[str, int] = field(default_factory=dict)

    @override
    async def for_run(self, ctx: RunContext[TurnContext]) -> Measuring:
        return Measuring()

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        kinds = amounts.by_kind(request_context.messages)
        parameters = request_context.model_request_parameters
        memory = amounts.tokens(ctx.deps.memory)
        kinds["tools"] += amounts.of_tools(parameters)
        system = max(0, amounts.of_instructions(parameters) - memory)
        self.estimated = {**kinds, "system": system, "memory": memory}
        return request_context

    @override
    async def after_model_request(
        self,
        ctx: RunContext[TurnContext],
        *,
        request_context: ModelRequestContext,
        response: ModelResponse,
    ) -> ModelResponse:
        # The demo model counts nothing.
        counted = response.provider_name is not None
        try:
            await call(
                context_use.record,
                ctx.deps.conversation_id,
                ctx.deps.model,
                await call(context_size, ctx.deps.model),
                self.estimated,
                counted=response.usage.input_tokens if counted else 0,
                cached=response.usage.cache_read_tokens,
                left_out=ctx.deps.memory_left_out,
            )
        except DatabaseError:
            logger.exception("What a request was made of is not known")
        return response

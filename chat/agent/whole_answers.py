"""Notices answers that broke off, before a tool acts on half of one."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.agent.faults import AnswerCutOff
from chat.tools.context import TurnContext


@dataclass
class WholeAnswers(AbstractCapability[TurnContext]):
    """Refuses a streamed answer whose end the provider never announced."""

    @override
    async def after_model_request(
        self,
        ctx: RunContext[TurnContext],
        *,
        request_context: ModelRequestContext,
        response: ModelResponse,
    ) -> ModelResponse:
        # The demo model speaks to us directly: nothing can break off, and it names no reason.
        over_the_wire = response.provider_name is not None
        if over_the_wire and response.finish_reason is None:
            raise AnswerCutOff
        return response

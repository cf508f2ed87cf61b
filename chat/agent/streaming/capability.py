"""Tells the files that are written early what the model may call in the answer to come."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.tools.context import TurnContext


@dataclass
class FilesWhileStreaming(AbstractCapability[TurnContext]):
    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        if ctx.deps.early_files is not None:
            offered = request_context.model_request_parameters.function_tools
            ctx.deps.early_files.answer_begins({tool.name for tool in offered})
        return request_context

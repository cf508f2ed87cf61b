"""Has providers find the beginning of a conversation's requests in their caches.

Anthropic is told where to by the model's own setting (`chat.agent.model_factory`); OpenAI sends
requests with one key to where the last one was read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.tools.context import TurnContext


@dataclass
class CacheKey(AbstractCapability[TurnContext]):
    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        # Servers that only speak OpenAI's format may refuse what they do not know.
        if not ctx.deps.model.startswith("openai:"):
            return request_context
        known = cast("dict[str, Any]", request_context.model_settings or {})
        asked = {**known, "openai_prompt_cache_key": ctx.deps.conversation_id}
        return replace(request_context, model_settings=cast("Any", asked))

"""Near the end of the model's context, earlier turns become a summary: a row, and a card in the
thread. The originals stay where they are.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from pydantic_ai import RetryModelRequest, RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelContextWindowExceededError
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
)
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.agent.context import amounts, clipping, cutting, summarising
from chat.agent.spending.counted import Account, CountedModel
from chat.models import Part, Summary, Turn
from chat.providers.sizes import context_size
from chat.services.context import context_use, summaries
from chat.services.context.history import Past
from chat.tools.context import TurnContext, call

logger = logging.getLogger(__name__)

# So much of the context stays as it is beside the summary, at most; and so much of what
# instructions and tools leave free, which of a small context is little.
KEPT_SHARE = 0.25
KEPT_OF_FREE = 0.4
# So much of what is free the summary may take, and the person's own words (in characters at most).
SUMMARY_OF_FREE = 0.15
WORDS_OF_FREE = 0.2
WORDS_MOST = 24_000
# The least that is reckoned to be free, in tokens.
LEAST_FREE = 1_500
# What is left of the context for an answer and for errors of the estimate, when results are cut.
FULL_SHARE = 0.85
# Tokens that a summary has to save.
WORTH = 200
# How often a provider may refuse a request as too long before the turn fails.
REFUSED = 3
# Of a request that was refused, what the next attempt may have.
REFUSED_SHARE = 0.8


@dataclass
class Compaction(AbstractCapability[TurnContext]):
    """Of one run: `for_run` makes it anew."""

    # The run's messages before `cut` are told by `summary`; `cut` 0: all are told as they are.
    cut: int = 0
    summary: Summary | None = None
    # Counted tokens per estimated one.
    scale: float | None = None
    estimated: int = 0
    # How often the provider found a request too long, and what it therefore takes at most.
    refused: int = 0
    limit: int | None = None
    # Where it found nothing more to sum up: the number of messages then.
    tried: int = 0

    @override
    async def for_run(self, ctx: RunContext[TurnContext]) -> Compaction:
        return Compaction()

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        size = await call(context_size, ctx.deps.model)
        if not size or settings.COMPACT_AT <= 0:
            return request_context
        if self.scale is None:
            self.scale = await call(context_use.scale, ctx.deps.conversation_id, ctx.deps.model)
        parameters = request_context.model_request_parameters
        fixed = amounts.of_instructions(parameters) + amounts.of_tools(parameters)
        size = min(size, self.limit or size)
        messages = request_context.messages
        told = self._told(ctx.deps, messages)
        total = int((amounts.of_messages(told) + fixed) * self.scale)
        full = size * min(settings.COMPACT_AT, 100) / 100
        if total > full and len(messages) > self.tried:
            self.tried = len(messages)
            free = max(LEAST_FREE, int(full / self.scale) - fixed)
            if await self._compact(ctx, request_context, size, free, total):
                told = self._told(ctx.deps, messages)
        room = int(size * FULL_SHARE / self.scale) - fixed
        told = clipping.fitted(told, max(room, 1_000))
        self.estimated = amounts.of_messages(told) + fixed
        return replace(request_context, messages=told)

    @override
    async def after_model_request(
        self,
        ctx: RunContext[TurnContext],
        *,
        request_context: ModelRequestContext,
        response: ModelResponse,
    ) -> ModelResponse:
        if self.estimated and response.usage.input_tokens:
            self.scale = context_use.scale_of(response.usage.input_tokens, self.estimated)
        return response

    @override
    async def on_model_request_error(
        self,
        ctx: RunContext[TurnContext],
        *,
        request_context: ModelRequestContext,
        error: Exception,
    ) -> ModelResponse:
        too_long = isinstance(error, ModelContextWindowExceededError)
        if not too_long or settings.COMPACT_AT <= 0 or self.refused >= REFUSED:
            raise error
        # Whatever its size is said to be, this was too long.
        self.refused += 1
        self.limit = int(self.estimated * (self.scale or 1.0) * REFUSED_SHARE)
        self.tried = 0
        raise RetryModelRequest from error

    def _told(self, deps: TurnContext, messages: Sequence[ModelMessage]) -> list[ModelMessage]:
        """The messages as they go out: the summary, then what it does not stand for."""
        if self.summary is None:
            return list(messages)
        said = ModelMessagesTypeAdapter.validate_python([summaries.message(self.summary)])
        return [*said, *cutting.kept(messages, deps.past.present, self.cut)]

    async def _compact(
        self,
        ctx: RunContext[TurnContext],
        request_context: ModelRequestContext,
        size: int,
        free: int,
        total: int,
    ) -> bool:
        """Sum up what is before a new cut, tell the person, keep it. False where that saves
        nothing."""
        deps, messages = ctx.deps, request_context.messages
        past = deps.past
        room = min(int(size * KEPT_SHARE / (self.scale or 1.0)), int(free * KEPT_OF_FREE))
        cut = cutting.place(messages, past.present, room)
        if cut <= self.cut:
            return False
        earlier = self.summary or past.summary
        fresh = messages[self.cut or (1 if past.summary else 0) : cut]
        stays = amounts.of_messages(cutting.kept(messages[:cut], past.present, cut))
        if amounts.of_messages(fresh) - stays < WORTH:
            return False
        card = await deps.cards.open_part(Part.Kind.SUMMARY)
        before = self._told(deps, messages[:cut])
        # The run's own requests are counted where the run sends them; this one is sent from here.
        account = Account(deps.owner.pk, deps.conversation_id, deps.turn_id, purpose="summary")
        model = CountedModel(request_context.model, deps.model, account)
        made = await summarising.summed_up(
            model, before, size, int(free * SUMMARY_OF_FREE * amounts.CHARACTERS)
        )
        ctx.usage.incr(made.usage)
        through, steps = origin(past, deps.turn_id, cut)
        kept = cutting.kept(messages, past.present, cut)
        after = total - int(
            (amounts.of_messages(messages) - amounts.of_messages(kept)) * (self.scale or 1)
        )
        summary = await call(
            summaries.create,
            await call(Turn.objects.get, pk=deps.turn_id),
            through=through,
            steps=steps,
            text=made.text,
            messages=amounts.said_by_person(fresh),
            room=min(WORDS_MOST, int(free * WORDS_OF_FREE * amounts.CHARACTERS)),
            author=made.author,
            earlier=earlier,
            tokens=(total, max(0, after)),
        )
        self.summary, self.cut = summary, cut
        await deps.cards.change_part(
            card,
            state=Part.State.DONE,
            text=summary.text,
            result={
                "summary": summary.pk,
                "turns": summary.turns,
                "author": summary.author,
                "tokens_before": summary.tokens_before,
                "size": size,
                "within": through == deps.turn_id,
            },
        )
        return True


def origin(past: Past, turn_id: str, cut: int) -> tuple[str, int]:
    """The turn that the last message before the cut is of, and how many of that turn's messages
    end with it."""
    if cut <= len(past.origins):
        return past.origins[cut - 1]
    begun = past.origins[-1][1] if past.origins and past.origins[-1][0] == turn_id else 0
    return turn_id, begun + cut - len(past.origins)

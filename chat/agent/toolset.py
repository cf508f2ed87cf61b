"""All tools of the agent, each call with its card and its failures in words."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from pydantic_ai import ApprovalRequired, CallDeferred, FunctionToolset, RunContext, ToolFailed
from pydantic_ai.toolsets import ToolsetTool, WrapperToolset

from chat.agent import consent, modes
from chat.agent.server_tools import ServerTools
from chat.models import Part, Turn
from chat.services.asking.waiting import Asked
from chat.tools import registry
from chat.tools.context import Answer, Asks, TurnContext
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

PARAMETERS_LIMIT = 1_000


def build() -> WrapperToolset[TurnContext]:
    """The toolset. One call at a time: what a step writes, its next call may run."""
    tools: FunctionToolset[TurnContext] = FunctionToolset(
        [registry.function(name) for name in registry.TOOLS],
        sequential=True,
        max_retries=3,
        docstring_format="google",
    )
    return CardToolset(tools)


def of_servers() -> WrapperToolset[TurnContext]:
    """The tools of other servers, held by the same rules."""
    return CardToolset(ServerTools())


@dataclass
class CardToolset(WrapperToolset[TurnContext]):
    """Runs a tool, if mode and person allow it, and keeps the card of the call true."""

    async def call_tool(
        self,
        name: str,
        tool_args: dict[str, Any],
        ctx: RunContext[TurnContext],
        tool: ToolsetTool[TurnContext],
    ) -> Any:
        call_id, context = ctx.tool_call_id or "", ctx.deps
        cards = context.cards
        if context.asked is not None:
            # A call before it waits for the person; calls of one step are carried out in order.
            await cards.change_card(call_id, state=Part.State.WAITING)
            raise ApprovalRequired
        try:
            modes.check(name, context)
            await consent.check(name, tool_args, context, call_id)
            await cards.change_card(call_id, state=Part.State.RUNNING, started_at=timezone.now())
            if context.files_saved is not None:
                await asyncio.shield(context.files_saved)
            answer = await self.wrapped.call_tool(name, tool_args, ctx, tool)
        except Asks as asks:
            context.asked = Asked(asks.kind, asks.asked, call_id)
            if asks.kind == Turn.WaitingFor.APPROVAL:
                raise ApprovalRequired from None
            raise CallDeferred(kind="question") from None
        except asyncio.CancelledError:
            await asyncio.shield(cards.change_card(call_id, state=Part.State.STOPPED))
            raise
        except Refusal as error:
            raise await self._failed(name, tool_args, ctx, error) from error
        except Exception as error:
            logger.exception("Tool %s failed in turn %s", name, context.turn_id)
            plain = Refusal(
                "The platform itself failed while doing this.",
                "Its log tells why. Try once more; if it fails again, tell the user.",
                code="unavailable",
            )
            raise await self._failed(name, tool_args, ctx, plain) from error
        if not isinstance(answer, Answer):
            raise TypeError(f"Tool {name} returned {type(answer).__name__}, not an Answer")
        await cards.change_card(call_id, state=answer.state, result=answer.card)
        return answer.said if answer.shown is None else answer.shown

    async def _failed(
        self,
        name: str,
        tool_args: dict[str, Any],
        ctx: RunContext[TurnContext],
        error: Refusal,
    ) -> ToolFailed:
        result = {"message": error.message, "hint": error.hint, "code": error.code}
        await ctx.deps.cards.change_card(
            ctx.tool_call_id or "", state=Part.State.FAILED, result=result
        )
        return ToolFailed(rich_error(name, tool_args, error))


def rich_error(action: str, parameters: dict[str, Any], error: Refusal) -> str:
    """A failure in the form that models act on best: what, why, what next, with what."""
    given = json.dumps(parameters, default=str)
    if len(given) > PARAMETERS_LIMIT:
        given = given[:PARAMETERS_LIMIT] + "…"
    lines = [f"{action} failed: {error.message}", f"Code: {error.code}"]
    if error.hint:
        lines.append(f"What to do: {error.hint}")
    lines.append(f"Parameters: {given}")
    return "\n".join(lines)

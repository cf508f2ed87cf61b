"""What a model may call in a mode. The toolset holds it; here a model is also told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.services.mcp.server_tools import MOST_SHOWN
from chat.tools import registry
from chat.tools.context import TurnContext
from vibe.refusal import Refusal

IN_PLAN = registry.READING | {"ask_user", "propose_plan"}
PLAN = """
# Plan mode

The person wants a plan, and nothing changed. You can read files and ask (ask_user); nothing can be
written, run, started or stopped, and calls that would are refused. Find out what you need, then
hand in the plan with propose_plan: few steps, each with a result that can be seen. Do not write the
plan out in your text as well. Once it is approved you build it.
"""


def is_offered(name: str, context: TurnContext) -> bool:
    """Whether the model is told of the tool in this turn."""
    if name == "find_tools":
        return len(context.server_tools or {}) > MOST_SHOWN
    if context.plans:
        return name in IN_PLAN or _only_reads(name, context)
    if name == "plan_step_done":
        return context.has_plan
    return name != "propose_plan"


def _only_reads(name: str, context: TurnContext) -> bool:
    """Whether it is a tool of another server that the operator says changes nothing."""
    tool = (context.server_tools or {}).get(name)
    return tool is not None and tool.is_reading


def check(name: str, context: TurnContext) -> None:
    """Raise Refusal for a call that plan mode does not allow, whoever offered it."""
    if context.plans and name not in IN_PLAN and not _only_reads(name, context):
        raise Refusal(
            "This conversation is in plan mode: nothing is changed, run or started.",
            "Read what you need and hand in the plan with propose_plan. The user approves it, and "
            "then you build.",
            code="denied",
        )


def instructions(ctx: RunContext[TurnContext]) -> str | None:
    return PLAN if ctx.deps.plans else None


@dataclass
class OfferedTools(AbstractCapability[TurnContext]):
    """Sends a model only the tools of the mode."""

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        known = request_context.model_request_parameters
        tools = [tool for tool in known.function_tools if is_offered(tool.name, ctx.deps)]
        offered = replace(known, function_tools=tools)
        return replace(request_context, model_request_parameters=offered)

"""What lies between the agent's run and a model: sound requests, whole answers, calls that fit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic_ai import ModelRetry, RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import (
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.tools import ToolDefinition
from typing_extensions import override

from chat.agent import arguments
from chat.agent.wire import sendable, unwrapping
from chat.agent.wire.no_answers import AnswerCutOff, EmptyAnswer, OutputLimitReached
from chat.agent.wire.pieces import CLOSING
from chat.tools.context import TurnContext

# How often a call that the output limit cut is asked for again in one turn, and an empty answer.
CUT_CALLS = 2
EMPTY_ANSWERS = 1
CUT = (
    "This call was not carried out: your answer reached the output limit in the midst of its "
    "arguments. Do it in smaller pieces: one file a call, long files in several steps (write the "
    "beginning first, then add to it with edit_file)."
)


@dataclass
class SoundAnswers(AbstractCapability[TurnContext]):
    """Of one run: `for_run` makes it anew."""

    cut: set[str] = field(default_factory=set)
    empty: int = 0

    @override
    async def for_run(self, ctx: RunContext[TurnContext]) -> SoundAnswers:
        return SoundAnswers()

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        provider = request_context.model.system
        sent = sendable.messages(request_context.messages, provider)
        return replace(request_context, messages=sent)

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
        response = replace(response, parts=_thoughts_apart(list(response.parts)))
        limited = response.finish_reason == "length"
        said = [p for p in response.parts if not isinstance(p, ThinkingPart) and _says(p)]
        if not said and over_the_wire and response.finish_reason != "content_filter":
            self.empty += 1
            if limited:
                raise OutputLimitReached
            if self.empty > EMPTY_ANSWERS:
                raise EmptyAnswer(thoughts=bool(response.parts))
        last = response.parts[-1] if response.parts else None
        if limited and isinstance(last, ToolCallPart) and _is_cut(last):
            if len(self.cut) >= CUT_CALLS:
                raise OutputLimitReached
            self.cut.add(last.tool_call_id)
            emptied: ToolCallPart = replace(cast("Any", last), args={})
            response = replace(response, parts=[*response.parts[:-1], emptied])
        return response

    @override
    async def before_tool_validate(
        self,
        ctx: RunContext[TurnContext],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: str | dict[str, Any],
    ) -> str | dict[str, Any]:
        if call.tool_call_id in self.cut:
            raise ModelRetry(CUT)
        schema = tool_def.parameters_json_schema
        fitted = unwrapping.arguments(args, schema)
        if fitted is None:
            raise ModelRetry(f"The arguments are no JSON object. {_in_the_form(schema)}")
        if fitted != args:
            await ctx.deps.cards.change_card(call.tool_call_id, arguments=arguments.kept(fitted))
        return fitted

    @override
    async def on_tool_validate_error(
        self,
        ctx: RunContext[TurnContext],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: str | dict[str, Any],
        error: Any,
    ) -> dict[str, Any]:
        if isinstance(error, ModelRetry):
            raise error
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)[:5]
        )
        raise ModelRetry(f"{wrong}. {_in_the_form(tool_def.parameters_json_schema)}") from error


def _in_the_form(schema: dict[str, Any]) -> str:
    shown = json.dumps(unwrapping.example(schema), ensure_ascii=False)
    return f"Call it again with arguments of this form: {shown}"


def _says(part: ModelResponsePart) -> bool:
    return not isinstance(part, TextPart) or bool(part.content.strip())


def _is_cut(call: ToolCallPart) -> bool:
    return isinstance(call.args, str) and unwrapping.parsed(call.args) is None


def _thoughts_apart(parts: list[ModelResponsePart]) -> list[ModelResponsePart]:
    """Text before a closing tag that nothing had opened was thought."""
    at = next(
        (n for n, p in enumerate(parts) if isinstance(p, TextPart) and CLOSING in p.content), None
    )
    if at is None:
        return parts
    thought, _, said = parts[at].content.partition(CLOSING)  # type: ignore[union-attr]  # a text part
    before = [
        ThinkingPart(p.content, id="content") if isinstance(p, TextPart) else p for p in parts[:at]
    ]
    rest = [TextPart(said.lstrip("\n"))] if said.strip() else []
    return [*before, ThinkingPart(thought, id="content"), *rest, *parts[at + 1 :]]

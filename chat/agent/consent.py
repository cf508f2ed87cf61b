"""Asks the person before a call, as the conversation's policy says. The rules: chat.tools.risks."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_jsonable_python

from chat.models import Conversation, Turn
from chat.services.asking import waiting
from chat.services.asking.answer_forms import allows
from chat.tools import risks
from chat.tools.context import Asks, TurnContext, call
from vibe.refusal import Refusal


async def check(name: str, arguments: dict[str, Any], context: TurnContext, call_id: str) -> None:
    """Return when the call may be carried out; raise Asks when the person has to say so first."""
    found = risks.of(name, to_jsonable_python(arguments, fallback=str))
    if found.harmless:
        return
    answer = context.answer
    if answer is not None and answer.tool_call_id == call_id and allows(answer):
        # At most once, whatever becomes of this process: only who takes the answer carries it out.
        if not await call(waiting.use, answer):
            raise Refusal("This was carried out before.", "Look at what it did.", code="conflict")
        return
    policy, allowed = await call(_policy, context.conversation_id)
    match policy:
        case Conversation.Approval.NEVER:
            reasons = [reason for reason in found.reasons if reason.each_time]
        case Conversation.Approval.RISKY:
            reasons = found.reasons
        case _:
            reasons = found.all_reasons()
    if left := [reason for reason in reasons if reason.each_time or reason.name not in allowed]:
        raise Asks(Turn.WaitingFor.APPROVAL, found.asked(left))


def _policy(conversation_id: str) -> tuple[str, list[str]]:
    found = Conversation.objects.only("approval", "allowed").get(pk=conversation_id)
    return found.approval, found.allowed

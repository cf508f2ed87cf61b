"""How a turn goes on with the person's answer: what the waiting calls get as their results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic_ai import DeferredToolResults, ToolApproved, ToolDenied

from chat.models import Question, Turn
from chat.services.asking import waiting
from chat.services.asking.answer_forms import BUILD, DENY, DISCARD
from chat.services.context import history

DISCARDED = "The user discarded the plan. Nothing of it is to be done."


@dataclass(frozen=True)
class Resumption:
    """`results` is None where no tool call waits: the model is just asked again."""

    question: Question
    results: DeferredToolResults | None

    @property
    def ends(self) -> bool:
        """Whether the answer leaves nothing for the model to do."""
        return (
            self.question.kind == Turn.WaitingFor.PLAN
            and _answer(self.question)["decision"] == DISCARD
        )

    def left_after(self, messages: history.Messages) -> Resumption | None:
        """What of it another model, which goes on from these messages, is still to be given."""
        if self.results is None:
            return self
        results = self.results.calls.keys() | self.results.approvals.keys()
        calls = {call["tool_call_id"] for call in history.unanswered(messages)}
        return self if calls & results else None


def of(turn: Turn) -> Resumption | None:
    """The answer that the turn has and has not used yet."""
    question = waiting.given_answer(turn)
    if question is None:
        return None
    calls = [call["tool_call_id"] for call in history.unanswered(turn.history)]
    if not calls:
        return Resumption(question, None)
    results = DeferredToolResults()
    for call in calls:
        if call != question.tool_call_id:
            # It stood behind the one that asked: it is taken up as if the model called it now.
            results.approvals[call] = ToolApproved()
        elif question.kind == Turn.WaitingFor.APPROVAL:
            results.approvals[call] = _approval(_answer(question))
        else:
            results.calls[call] = said(question)
    return Resumption(question, results)


def _approval(answer: dict[str, Any]) -> ToolApproved | ToolDenied:
    if answer["decision"] != DENY:
        return ToolApproved()
    reason = json.dumps(answer["text"], ensure_ascii=False) if answer["text"] else "none given"
    return ToolDenied(
        f"The user did not allow this call; it was not carried out. Reason: {reason}. Do not try "
        "the same another way: do without it, or say what you need it for."
    )


def said(question: Question) -> dict[str, Any]:
    """What the model is told of the answer."""
    answer = _answer(question)
    if question.kind == Turn.WaitingFor.QUESTION:
        kept = ("question", "answer")
        return {"answers": [{key: one[key] for key in kept} for one in answer["answers"]]}
    told: dict[str, Any] = {"decision": answer["decision"]}
    if question.kind == Turn.WaitingFor.PLAN:
        steps = answer.get("steps", [])
        if answer["decision"] == BUILD:
            told["what_to_do"] = (
                "The user approved the plan with these steps. Build it now, step by step, and call "
                "plan_step_done after each."
            )
            told["steps"] = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
        else:
            told["what_to_do"] = "Change the plan and hand it in again with propose_plan."
            told["steps_as_the_user_edited_them"] = steps
    if answer.get("text"):
        told["the_user_says"] = answer["text"]
    return told


def _answer(question: Question) -> dict[str, Any]:
    return question.answer or {}

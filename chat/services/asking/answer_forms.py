"""What counts as an answer to each kind of question, and what its card then shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.models import Part, Question, Turn
from vibe.refusal import Refusal

QUESTIONS = 4
CHOICES = (2, 6)
TEXT_LIMIT = 2_000
STEPS = 30
STEP_LIMIT = 300

ONCE, CONVERSATION, DENY = "once", "conversation", "deny"
BUILD, CHANGE, DISCARD = "build", "change", "discard"


@dataclass(frozen=True)
class Given:
    """What somebody sent as the answer; each kind reads what it needs of it."""

    answers: Sequence[dict[str, Any]] = ()
    decision: str = ""
    text: str = ""
    steps: Sequence[str] | None = None


@dataclass(frozen=True)
class Settled:
    """The answer as it is kept, and how the card goes on: `result` None leaves it as it is."""

    answer: dict[str, Any]
    state: str = Part.State.DONE
    result: dict[str, Any] | None = None
    # The mode in which the turn goes on; "" for the same one.
    mode: str = ""
    # What is allowed from now on in the conversation.
    allowed: list[str] = field(default_factory=list)


def allows(question: Question) -> bool:
    """Whether the answer lets the call that asked be carried out."""
    decision = (question.answer or {}).get("decision")
    return question.kind == Turn.WaitingFor.APPROVAL and decision in (ONCE, CONVERSATION)


def settle(kind: str, asked: dict[str, Any], given: Given) -> Settled:
    """The answer in the form of its kind. Raises Refusal(invalid) for a wrong one."""
    if len(given.text) > TEXT_LIMIT:
        raise Refusal(
            f"The text has {len(given.text):,} characters; {TEXT_LIMIT:,} is the limit.",
            "Say it in fewer words.",
        )
    return _KINDS[kind](asked, given)


def _questions(asked: dict[str, Any], given: Given) -> Settled:
    questions = asked["questions"]
    if len(given.answers) != len(questions):
        raise Refusal(
            f"{len(questions)} answer(s) are wanted, {len(given.answers)} were given.",
            "Answer each question; an empty object takes its default.",
        )
    answers = [_one(each, one) for each, one in zip(questions, given.answers, strict=True)]
    return Settled({"answers": answers}, result={"answers": answers})


def _one(question: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    text = str(given.get("text") or "").strip()
    if len(text) > TEXT_LIMIT:
        raise Refusal(f"An answer has at most {TEXT_LIMIT:,} characters.", "Use fewer words.")
    if text:
        if not question["free_text"]:
            raise Refusal(
                f"“{question['question']}” takes one of its choices only.",
                "Give the number of a choice.",
            )
        return {"question": question["question"], "answer": text, "choice": None}
    choice = given.get("choice")
    number = question["default"] if choice is None else choice
    choices = question["choices"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(choices):
        raise Refusal(
            f"“{question['question']}” has no choice {number}.",
            f"Give a number from 0 to {len(choices) - 1}.",
        )
    return {"question": question["question"], "answer": choices[number], "choice": number}


def _approval(asked: dict[str, Any], given: Given) -> Settled:
    once_only = asked.get("each_time")
    _one_of(given.decision, (ONCE, DENY) if once_only else (ONCE, CONVERSATION, DENY))
    reason = given.text.strip()
    answer = {"decision": given.decision, "text": reason}
    if given.decision == DENY:
        said = {"message": "You said no.", "hint": reason, "code": "denied"}
        return Settled(answer, state=Part.State.FAILED, result=said)
    names = [one["name"] for one in asked["reasons"]] if given.decision == CONVERSATION else []
    return Settled(answer, state=Part.State.RUNNING, allowed=names)


def _plan(asked: dict[str, Any], given: Given) -> Settled:
    _one_of(given.decision, (BUILD, CHANGE, DISCARD))
    text = given.text.strip()
    offered = asked["steps"] if given.steps is None else given.steps
    steps = [step.strip() for step in offered if step.strip()]
    result = {
        "title": asked["title"],
        "decision": given.decision,
        "text": text,
        "steps": [{"text": step, "done": False} for step in steps],
    }
    if given.decision == DISCARD:
        return Settled({"decision": DISCARD, "text": text}, result=result)
    if given.decision == CHANGE and not text and steps == asked["steps"]:
        raise Refusal("Nothing says what is to be changed.", "Write what you want otherwise.")
    if not steps:
        raise Refusal("The plan has no step.", "Keep or add at least one, or discard it.")
    if len(steps) > STEPS or any(len(step) > STEP_LIMIT for step in steps):
        raise Refusal(
            f"A plan has at most {STEPS} steps of {STEP_LIMIT} characters.", "Shorten it."
        )
    mode = "build" if given.decision == BUILD else ""
    answer = {"decision": given.decision, "text": text, "steps": steps}
    return Settled(answer, result=result, mode=mode)


def _choice(asked: dict[str, Any], given: Given) -> Settled:
    """A question that names its choices itself: [{"value", "label"}]."""
    labels = {one["value"]: one["label"] for one in asked["choices"]}
    _one_of(given.decision, tuple(labels))
    answer = {"decision": given.decision, "text": given.text.strip()}
    return Settled(answer, result={**answer, "label": labels[given.decision]})


def _one_of(decision: str, known: tuple[str, ...]) -> None:
    if decision not in known:
        raise Refusal(
            f"“{decision}” is no answer to this." if decision else "The decision is missing.",
            f"Give one of: {', '.join(known)}.",
        )


_KINDS: dict[str, Callable[[dict[str, Any], Given], Settled]] = {
    Turn.WaitingFor.QUESTION: _questions,
    Turn.WaitingFor.APPROVAL: _approval,
    Turn.WaitingFor.PLAN: _plan,
    Turn.WaitingFor.BUDGET: _choice,
}

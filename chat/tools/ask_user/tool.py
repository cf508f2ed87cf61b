from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from pydantic_ai import RunContext

from chat.models import Turn
from chat.services.asking.answer_forms import CHOICES, QUESTIONS
from chat.tools.context import Answer, Asks, TurnContext
from vibe.refusal import Refusal

Choice = Annotated[str, Field(min_length=1, max_length=120)]


class Ask(BaseModel):
    question: Annotated[str, Field(min_length=1, max_length=300, description="One short question.")]
    choices: Annotated[
        list[Choice],
        Field(min_length=CHOICES[0], max_length=CHOICES[1], description="Answers to choose from."),
    ]
    default: Annotated[
        int, Field(ge=0, description="Number of the choice that you suggest, counted from 0.")
    ] = 0
    free_text: Annotated[
        bool, Field(description="Whether the user may also write an answer of their own.")
    ] = False


async def ask_user(
    _ctx: RunContext[TurnContext],
    questions: Annotated[list[Ask], Field(min_length=1, max_length=QUESTIONS)],
) -> Answer:
    """Ask the user up to four questions, each with choices; the answers are this call's result.

    Ask only what you cannot decide yourself and where a wrong guess would waste work: most
    requests need no question. Ask everything at once, before you begin.

    Args:
        questions: The questions, the most important one first.
    """
    for one in questions:
        if one.default >= len(one.choices):
            raise Refusal(
                f"“{one.question}” has no choice {one.default}.",
                f"Give a default from 0 to {len(one.choices) - 1}.",
            )
        if len(set(one.choices)) < len(one.choices):
            raise Refusal(f"“{one.question}” has a choice twice.", "Give different choices.")
    raise Asks(Turn.WaitingFor.QUESTION, {"questions": [one.model_dump() for one in questions]})

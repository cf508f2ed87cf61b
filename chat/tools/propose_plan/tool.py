from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.models import Turn
from chat.services.asking.answer_forms import STEP_LIMIT, STEPS
from chat.tools.context import Answer, Asks, TurnContext
from vibe.refusal import Refusal

Step = Annotated[str, Field(min_length=1, max_length=STEP_LIMIT)]


async def propose_plan(
    _ctx: RunContext[TurnContext],
    title: Annotated[str, Field(min_length=1, max_length=120)],
    steps: Annotated[list[Step], Field(min_length=1, max_length=STEPS)],
) -> Answer:
    """Hand in the plan: the user edits, approves, wants changes or discards it.

    The answer tells which; the steps in it are the ones that count. In plan mode this is how you
    end your work. Look at the files first where there are some.

    Args:
        title: What will be built, in a few words.
        steps: What you will do, in order; each one sentence with a result that can be seen.
    """
    wanted = [step.strip() for step in steps if step.strip()]
    if not wanted:
        raise Refusal("The plan has no step.", "Give at least one.")
    raise Asks(Turn.WaitingFor.PLAN, {"title": title.strip(), "steps": wanted})

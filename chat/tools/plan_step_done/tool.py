from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.services.asking import plans
from chat.tools.context import Answer, TurnContext, call


async def plan_step_done(
    ctx: RunContext[TurnContext], number: Annotated[int, Field(ge=1)]
) -> Answer:
    """Tick off a step of the approved plan, right after you have done it.

    Args:
        number: The step's number in the plan, counted from 1.
    """
    part, progress = await call(plans.tick, ctx.deps.conversation_id, number)
    # Another turn's card is told of by its row alone.
    await ctx.deps.cards.change_part(part)
    said = {"done": progress.done, "of": progress.of, "left": progress.left}
    return Answer(said=said, card={"step": progress.step, "number": number})

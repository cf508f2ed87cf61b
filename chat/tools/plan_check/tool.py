from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from pydantic_ai import RunContext

from chat.services import turns
from chat.services.checking import checks
from chat.tools.context import Answer, TurnContext, call


class Step(BaseModel):
    do: Literal[
        "open", "click", "type", "press", "select", "expect_text", "expect_no_text", "expect_url"
    ]
    target: str = Field("", max_length=300, description="A visible name, or a CSS selector.")
    text: str = Field("", max_length=1000, description="What to type, press, choose or expect.")


async def plan_check(
    ctx: RunContext[TurnContext], steps: Annotated[list[Step], Field(min_length=1, max_length=30)]
) -> Answer:
    """Say what a person would do to see that the app does what was asked; the platform does it.

    At the end of the turn a browser opens the app at / and takes these steps; the outcome is shown
    to the person and told to you in your next turn. Use it for the one or two things that this
    turn was about: type and click, then expect what has to show.

    Args:
        steps: In their order, such as type into "New task" "Milk", click "Add", expect_text "Milk".
    """
    planned = [step.model_dump() for step in steps]

    def write() -> None:
        checks.plan(turns.get_for(ctx.deps.owner, ctx.deps.turn_id), planned)

    await call(write)
    return Answer(said={"planned": len(planned)}, card={"steps": planned})

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import page_steps
from chat.tools.context import Answer, TurnContext


async def type_text(
    ctx: RunContext[TurnContext],
    target: Annotated[str, Field(min_length=1, max_length=300)],
    text: Annotated[str, Field(max_length=5000)],
    enter: bool = False,
    port: Annotated[int, Field(ge=1024, le=65535)] = 3000,
    sandbox: str = "",
) -> Answer:
    """Type into a field of the page that look_at_page has opened; what it held goes.

    Args:
        target: The field's label or placeholder, or a CSS selector.
        text: What to type.
        enter: Whether to press Enter afterwards.
        port: Port that the app listens on.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    steps = [{"do": "type", "target": target, "text": text}]
    if enter:
        steps.append({"do": "press", "text": "Enter"})
    told = await page_steps.take(ctx.deps, port, steps, sandbox=sandbox)
    return await page_steps.with_picture(ctx.deps, *told)

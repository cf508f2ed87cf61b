from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import page_steps
from chat.tools.context import Answer, TurnContext


async def click(
    ctx: RunContext[TurnContext],
    target: Annotated[str, Field(min_length=1, max_length=300)],
    port: Annotated[int, Field(ge=1024, le=65535)] = 3000,
    sandbox: str = "",
) -> Answer:
    """Click something on the page that look_at_page has opened, and see what becomes of it.

    Args:
        target: Its name as the page shows it, such as Add, or a CSS selector.
        port: Port that the app listens on.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    steps = [{"do": "click", "target": target}]
    told = await page_steps.take(ctx.deps, port, steps, sandbox=sandbox)
    return await page_steps.with_picture(ctx.deps, *told)

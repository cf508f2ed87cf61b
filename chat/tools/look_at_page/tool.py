from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import page_steps
from chat.tools.context import Answer, TurnContext


async def look_at_page(
    ctx: RunContext[TurnContext],
    port: Annotated[int, Field(ge=1024, le=65535)] = 3000,
    path: Annotated[str, Field(max_length=1000)] = "/",
    sandbox: str = "",
) -> Answer:
    """Open a page of the app in a browser and see it: a picture, and its controls as an outline.

    The page stays open for click and type_text.

    Args:
        port: Port that the app listens on.
        path: The page, such as /about.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    wanted = path if path.startswith("/") else f"/{path}"
    told = await page_steps.take(ctx.deps, port, [], path=wanted, sandbox=sandbox)
    return await page_steps.with_picture(ctx.deps, *told)

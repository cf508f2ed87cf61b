from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from pydantic_ai import RunContext

from chat.tools import page_steps
from chat.tools.context import Answer, TurnContext


async def page_console(
    ctx: RunContext[TurnContext],
    port: Annotated[int, Field(ge=1024, le=65535)] = 3000,
    sandbox: str = "",
) -> Answer:
    """What the console of the page says that look_at_page has opened: errors, warnings, logs.

    Args:
        port: Port that the app listens on.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    said, card, _ = await page_steps.take(ctx.deps, port, [], sandbox=sandbox)
    lines = [f"{one.get('kind')}: {one.get('text')}" for one in card["console"]]
    told: dict[str, Any] = {name: said[name] for name in ("url", "failed", "note") if name in said}
    return Answer(said={**told, "console": lines}, card={**card, "text": "\n".join(lines)})

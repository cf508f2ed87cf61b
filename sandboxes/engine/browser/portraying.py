"""A picture of an app's page as somebody has it before them: its size, how far it is scrolled,
and one element of it by itself."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from ..client import AgentClient
from .launching import Browser
from .leading import led
from .page import NoAnswer, Page
from .preparing import window
from .taking import picture
from .visit_result import Visit

LOAD_SECONDS = 25.0
SCRIPT = "portrait.js"
NARROWEST, WIDEST = 200, 2000
# What is around an element, so that one sees where it stands.
AROUND = 16


async def portray(
    browser: Browser, app: AgentClient, port: int, plan: dict[str, Any], seconds: float
) -> Visit:
    """The picture "page" and, with a selector, "crop". Raises nothing: `broken` tells.

    plan: {"path", "width", "height", "scroll": [x, y], "selector"}.
    """
    found = Visit()
    async with led(browser, app, port, seconds, found):
        await _portray(browser, found, port, plan)
    return found


async def _portray(browser: Browser, found: Visit, port: int, plan: dict[str, Any]) -> None:
    width, height = (_bounded(plan.get(name)) for name in ("width", "height"))
    page = await Page.open(browser, f"http://localhost:{port}")
    try:
        size = window({"width": width, "height": height})
        await page.call("Emulation.setDeviceMetricsOverride", size)
        path = str(plan.get("path") or "/")
        if error := await page.goto(path if path.startswith("/") else f"/{path}", LOAD_SECONDS):
            found.broken = error
        x, y = ([*(plan.get("scroll") or []), 0, 0])[:2]
        await page.ask(f"scrollTo({int(x)}, {int(y)})", SCRIPT)
        await page.settle(1.0)
        found.pictures["page"] = await picture(page)
        if selector := str(plan.get("selector") or ""):
            with suppress(NoAnswer, TypeError, ValueError):
                box = await page.ask(f"boxOf({json.dumps(selector)})", SCRIPT)
                found.pictures["crop"] = await _crop(page, box) if box else b""
        if not found.pictures["page"] and not found.broken:
            found.broken = "The page could not be drawn."
        if found.pictures["page"]:
            found.broken = ""
    finally:
        await page.close()


async def _crop(page: Page, box: dict[str, Any]) -> bytes:
    """Of a place in the whole document, whether it shows or not."""
    left, top = (max(0.0, float(box[name]) - AROUND) for name in ("x", "y"))
    wide, high = (min(float(WIDEST), float(box[name]) + 2 * AROUND) for name in ("width", "height"))
    if not float(box["width"]) or not float(box["height"]):
        return b""
    clip = {"x": left, "y": top, "width": wide, "height": high, "scale": 1}
    return await picture(page, clip=clip, captureBeyondViewport=True)


def _bounded(value: object) -> int:
    number = value if isinstance(value, int) else 1280
    return max(NARROWEST, min(WIDEST, number))

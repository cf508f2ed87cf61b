"""A picture of an app's page as somebody has it before them: its size, how far it is scrolled,
and one element of it by itself."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress
from typing import Any

from ..client import AgentClient
from .launching import Browser
from .page import PICTURE_BYTES, NoAnswer, Page
from .visit_result import Visit
from .wire import BrowserGone, Refused

LOAD_SECONDS = 25.0
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
    try:
        await browser.lead_to(app, port)
        async with asyncio.timeout(seconds):
            await _portray(browser, found, port, plan)
    except TimeoutError:
        found.broken = f"It was not done within {seconds:.0f} s."
    except (BrowserGone, Refused, NoAnswer) as error:
        found.broken = str(error) or "The browser ended."
    except Exception as error:  # hostile pages make the browser say anything
        found.broken = f"{type(error).__name__}: {error}"[:300]
    return found


async def _portray(browser: Browser, found: Visit, port: int, plan: dict[str, Any]) -> None:
    width, height = (_bounded(plan.get(name)) for name in ("width", "height"))
    page = await Page.open(browser, f"http://localhost:{port}")
    try:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await page.call("Emulation.setDeviceMetricsOverride", size)
        path = str(plan.get("path") or "/")
        if error := await page.goto(path if path.startswith("/") else f"/{path}", LOAD_SECONDS):
            found.broken = error
        x, y = ([*(plan.get("scroll") or []), 0, 0])[:2]
        await page.ask(f"scrollTo({int(x)}, {int(y)})")
        await page.settle(1.0)
        found.pictures["page"] = await _picture(page)
        if selector := str(plan.get("selector") or ""):
            with suppress(NoAnswer, TypeError, ValueError):
                box = await page.ask(f"boxOf({json.dumps(selector)})")
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
    return await _picture(page, {"clip": clip, "captureBeyondViewport": True})


async def _picture(page: Page, more: dict[str, Any] | None = None) -> bytes:
    for quality in (80, 50, 25):
        try:
            params = {"format": "jpeg", "quality": quality, **(more or {})}
            told = await page.call("Page.captureScreenshot", params)
            data = base64.b64decode(str(told.get("data")), validate=True)
        except (TimeoutError, Refused, ValueError):
            return b""
        if len(data) <= PICTURE_BYTES:
            return data
    return b""


def _bounded(value: object) -> int:
    number = value if isinstance(value, int) else 1280
    return max(NARROWEST, min(WIDEST, number))

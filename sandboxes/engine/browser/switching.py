"""A switch between light and dark, tried."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from . import probing
from .page import Page
from .visit_result import FAILED, NOTE, Step

CLICKS = 3


async def probe(page: Page, control: dict[str, Any], path: str, step: Step) -> None:
    """Try a switch between light and dark: it has to change the look of something but itself."""
    await page.goto(path, probing.LOAD_SECONDS)
    await page.hold()
    before = await probing.moment(page, control)
    question = f"state({control['number']}, {probing.quoted(control['key'])})"
    for _ in range(CLICKS):
        if control["tag"] == "select":
            await page.ask(f"pick({control['number']}, {probing.quoted(control['key'])})")
        elif hindered := await probing.press(page, control):
            step.outcome, step.detail = NOTE, hindered
            return
        deadline = time.monotonic() + probing.REACT_SECONDS
        while time.monotonic() < deadline:
            now = await page.ask(question)
            if faults := before.faults(page):
                step.outcome, step.detail = FAILED, "\n".join(dict.fromkeys(faults[:4]))
                return
            if now.get("style") != before.state.get("style") or page.happened.loads > before.loads:
                return
            if now.get("opened") != before.state.get("opened"):
                step.detail = "It opens a choice."
                return
            await asyncio.sleep(probing.LOOK_SECONDS)
        control = {**control, "key": await _key(page, control)}
        question = f"state({control['number']}, {probing.quoted(control['key'])})"
    step.outcome, step.detail = FAILED, "It changes no colour of the page."


async def _key(page: Page, control: dict[str, Any]) -> str:
    """Of the control as it is now: a switch may change its own words."""
    for one in await page.ask("controls()"):
        if one.get("number") == control["number"] and one.get("tag") == control["tag"]:
            return str(one.get("key"))
    return str(control["key"])

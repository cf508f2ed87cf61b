"""A whole visit to an app: open the page, take steps, try its controls, take pictures."""

from __future__ import annotations

import time
from typing import Any

from ..client import AgentClient
from . import exploring, stepping
from .launching import Browser
from .leading import led
from .loading import load, picture_of
from .outline import outline
from .page import NoAnswer, Page
from .visit_result import FAILED, Visit

__all__ = ["Visit", "visit"]

INTERACTIVE = ("click", "type", "press", "select")
LAST_SECONDS = 8.0  # for the pictures, whatever the page does


async def visit(
    browser: Browser, app: AgentClient, port: int, plan: dict[str, Any], seconds: float
) -> Visit:
    """Visit the port of an app for at most so many seconds. Raises nothing: `broken` tells.

    plan: {"path", "steps": of stepping.KINDS, "explore": bool, "only": keys of the controls to try,
    all where it lacks, "forms": signatures sent before, or None where no form may be sent}.
    """
    found = Visit()
    until = time.monotonic() + seconds
    async with led(browser, app, port, seconds, found):
        await _look_around(browser, found, port, plan, until - LAST_SECONDS)
    return found


async def _look_around(
    browser: Browser, found: Visit, port: int, plan: dict[str, Any], until: float
) -> None:
    path = str(plan.get("path") or "/")
    steps = [one for one in plan.get("steps") or [] if isinstance(one, dict)]
    page = await Page.open(browser, f"http://localhost:{port}")
    try:
        goes_on = await load(page, found, path)
        await picture_of(page, found, "page")
        if goes_on:
            await _told(page, found)
        if goes_on and steps:
            await stepping.follow(page, found, steps)
            await picture_of(page, found, "after")
        acts = any(one.get("do") in INTERACTIVE for one in steps)
        if goes_on and plan.get("explore") and not acts:
            before = plan.get("forms", [])
            known = None if before is None else {str(one) for one in before}
            only = plan.get("only")
            keys = None if only is None else {str(one) for one in only}
            await exploring.explore(browser, page, found, path, known, until, keys)
    except NoAnswer as silent:
        with found.step("The page answers") as step:
            step.outcome, step.detail = FAILED, str(silent)
    finally:
        found.console = page.happened.console
        await page.close()


async def _told(page: Page, found: Visit) -> None:
    looked = await page.ask("look()")
    found.url = str(looked.get("url")).removeprefix(page.origin)[:1000]
    found.title, found.text = str(looked.get("title")), str(looked.get("text"))
    found.tree = await outline(page)

"""Going on with a page step by step: it stays open from one call to the next."""

from __future__ import annotations

from typing import Any

from ..client import AgentClient
from . import stepping
from .launching import Browser
from .leading import led
from .loading import load, picture_of
from .outline import outline
from .page import NoAnswer, Page
from .visit_result import FAILED, Visit


async def act(
    browser: Browser, app: AgentClient, port: int, plan: dict[str, Any], seconds: float
) -> Visit:
    """Take the plan's steps on the page that is open, else on one opened for that (`afresh`). With
    a "path" the page is opened anew. Raises nothing: `broken` tells."""
    found = Visit()
    async with led(browser, app, port, seconds, found):
        await _go_on(browser, found, port, plan)
    if found.broken:
        browser.kept = None
    return found


async def _go_on(browser: Browser, found: Visit, port: int, plan: dict[str, Any]) -> None:
    origin = f"http://localhost:{port}"
    page: Page | None = browser.kept
    wanted = str(plan.get("path") or "")
    if page is not None and (page.origin != origin or page.happened.crashed or wanted):
        browser.kept = None
        await page.close()
        page = None
    if page is None:
        page = await Page.open(browser, origin)
        found.afresh = True
        if not await load(page, found, wanted or "/"):
            found.console = page.happened.console
            await picture_of(page, found, "page")
            await page.close()
            return
        browser.kept = page
    try:
        await stepping.follow(page, found, list(plan.get("steps") or []))
        looked = await page.ask("look()")
        found.url = str(looked.get("url")).removeprefix(page.origin)[:1000]
        found.title, found.text = str(looked.get("title")), str(looked.get("text"))
        found.tree = await outline(page)
    except NoAnswer as silent:
        with found.step("The page answers") as step:
            step.outcome, step.detail = FAILED, str(silent)
    await picture_of(page, found, "page")
    found.console = page.happened.console[-100:]

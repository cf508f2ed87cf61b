"""Steps that somebody has written down for a page: click, type, expect."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from . import hands, probing
from .page import NoAnswer, Page
from .visit_result import FAILED, Step, Visit

EXPECT_SECONDS, LOOK_SECONDS = 6.0, 0.25
KINDS = ("open", "click", "type", "press", "select", "expect_text", "expect_no_text", "expect_url")


async def follow(page: Page, visit: Visit, steps: list[dict[str, Any]]) -> None:
    """Take the steps one after the other, up to the first that fails."""
    for one in steps:
        with visit.step(words(one)) as step:
            try:
                await _take(page, one, step)
            except NoAnswer as silent:
                step.outcome, step.detail = FAILED, str(silent)
        if step.outcome == FAILED:
            return


def words(step: dict[str, Any]) -> str:
    """A step as people read it."""
    kind, target, text = (str(step.get(name) or "") for name in ("do", "target", "text"))
    return {
        "open": f"Open {text or target or '/'}",
        "click": f"Click “{target}”",
        "type": f"Type “{text}” into “{target}”",
        "press": f"Press {text}",
        "select": f"Choose “{text}” in “{target}”",
        "expect_text": f"See “{text or target}”",
        "expect_no_text": f"Not see “{text or target}”",
        "expect_url": f"Be at {text or target}",
    }.get(kind, kind)[:200]


async def _take(page: Page, one: dict[str, Any], step: Step) -> None:
    kind, target, text = (str(one.get(name) or "") for name in ("do", "target", "text"))
    errors, began = len(page.happened.errors), time.monotonic()
    if kind == "open":
        path = text or target or "/"
        if error := await page.goto(path if path.startswith("/") else f"/{path}", 25.0):
            step.outcome, step.detail = FAILED, error
    elif kind == "click":
        place = await _located(page, target, typing=False)
        if place is None:
            step.outcome, step.detail = FAILED, f"There is no “{target}” on the page."
        elif place.get("covered"):
            step.outcome, step.detail = FAILED, f"“{place['covered']}” lies over it."
        else:
            await hands.click(page, float(place["x"]), float(place["y"]))
            await page.settle(3.0)
    elif kind == "type":
        if await _located(page, target, typing=True) is None:
            step.outcome, step.detail = FAILED, f"There is no field “{target}” on the page."
        else:
            await page.ask(f"empty({json.dumps(target)})")
            await hands.write(page, text)
            await page.settle(1.0)
    elif kind == "press":
        await hands.press(page, text or target or "Enter")
        await page.settle(3.0)
    elif kind == "select":
        if not await page.ask(f"choose({json.dumps(target)}, {json.dumps(text)})"):
            step.outcome, step.detail = FAILED, f"There is no choice “{text}” in “{target}”."
        await page.settle(1.0)
    else:
        await _expect(page, kind, text or target, step)
    if step.outcome != FAILED:
        faults = [text for _, text in page.happened.errors[errors:]] + page.happened.failed(began)
        if faults:
            step.outcome, step.detail = FAILED, "\n".join(dict.fromkeys(faults[:4]))


async def _located(page: Page, target: str, *, typing: bool) -> dict[str, Any] | None:
    question = f"locateFound({json.dumps(target)}, {json.dumps(typing)})"
    deadline = time.monotonic() + EXPECT_SECONDS
    while True:
        found = await page.ask(question)
        if found or time.monotonic() > deadline:
            return dict(found) if found else None
        await asyncio.sleep(LOOK_SECONDS)


async def _expect(page: Page, kind: str, wanted: str, step: Step) -> None:
    deadline = time.monotonic() + EXPECT_SECONDS
    while True:
        if kind == "expect_url":
            looked = await page.ask("look()")
            holds = wanted in str(looked.get("url")).removeprefix(page.origin)
        else:
            has = await page.ask(f"has({probing.quoted(wanted)})")
            holds = bool(has) == (kind == "expect_text")
        if holds:
            return
        if time.monotonic() > deadline:
            step.outcome = FAILED
            looked = await page.ask("look()")
            seen = str(looked.get("url" if kind == "expect_url" else "text"))[:200]
            step.detail = f"Instead: {seen}" if seen else "The page is empty."
            return
        await asyncio.sleep(LOOK_SECONDS)

"""One control of a page, tried in a page loaded for it alone: does anything happen at all?"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any
from urllib.parse import urlsplit

from . import hands
from .page import Page
from .scripts import script
from .visit_result import FAILED, NOTE, Step
from .wire import Refused

# A promise that nobody catches is told of in a task of its own, after what the press has changed.
LATE_SECONDS = 0.2
LOAD_SECONDS, BASE_SECONDS = 20.0, 0.3
REACT_SECONDS, LOOK_SECONDS = 1.6, 0.15
# Of what a state of a page says, what a reader would notice or a program keep.
SIGNS = ("dom", "values", "title", "url", "stored", "opened", "scrolled", "focus")
# What these do can rest on what was done before, so that at first they do nothing.
STATEFUL = re.compile(
    r"\b(clear|reset|undo|redo|stop|pause|prev|previous|back|cancel|close|remove|delete|refresh|"
    r"reload|retry|done|home|first|all|today|save|download|export|print|copy|next)\b|^[^\w]*$",
    re.IGNORECASE,
)
HANDLES = {
    "click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend", "change",
    "input",
}  # fmt: skip


class Moment:
    """A page as it is before something is done to it."""

    def __init__(self, page: Page, state: dict[str, Any], noisy: set[str]) -> None:
        happened = page.happened
        self.state, self.noisy = state, noisy
        self.at = time.monotonic()
        self.errors, self.console = len(happened.errors), len(happened.console)
        self.dialogs, self.signs = len(happened.dialogs), len(happened.signs)
        self.loads, self.frames = happened.loads, len(happened.sockets_sent)
        self.held = len(page.held)

    def reaction(self, page: Page, now: dict[str, Any]) -> str:
        """What has happened since, in a word; "" for nothing."""
        happened = page.happened
        if happened.loads > self.loads:
            return "another page"
        if len(happened.dialogs) > self.dialogs:
            return "a dialog"
        if len(page.held) > self.held:
            return page.held[-1]
        if len(happened.signs) > self.signs:
            return happened.signs[-1]
        for name in SIGNS:
            if name not in self.noisy and now.get(name) != self.state.get(name):
                return name
        asked = [one for one in happened.requests.values() if one.at > self.at]
        if asked and "requests" not in self.noisy:
            return asked[0].path
        if len(happened.sockets_sent) > self.frames and "frames" not in self.noisy:
            return "a message over its socket"
        if len(happened.console) > self.console and "console" not in self.noisy:
            return "the console"
        return ""

    def faults(self, page: Page) -> list[str]:
        """What has gone wrong since. Where a request was held back, that is our doing."""
        if len(page.held) > self.held:
            found = page.happened.errors[self.errors :]
            return [text for kind, text in found if kind == "exception" and "fetch" not in text]
        thrown = [text for _, text in page.happened.errors[self.errors :]]
        return thrown + page.happened.failed(self.at)


async def moment(page: Page, control: dict[str, Any]) -> Moment:
    """The page as it is, and what of it changes by itself."""
    question = f"state({control['number']}, {quoted(control['key'])})"
    first = await page.ask(question)
    happened = page.happened
    counts = len(happened.requests), len(happened.sockets_sent), len(happened.console)
    await asyncio.sleep(BASE_SECONDS)
    state = await page.ask(question)
    noisy = {name for name in SIGNS if first.get(name) != state.get(name)}
    after = len(happened.requests), len(happened.sockets_sent), len(happened.console)
    names = ("requests", "frames", "console")
    noisy |= {name for name, a, b in zip(names, counts, after, strict=True) if a != b}
    return Moment(page, state, noisy)


async def reacts(page: Page, control: dict[str, Any], before: Moment) -> str:
    """What happens within a moment after it was pressed; "" for nothing."""
    question = f"state({control['number']}, {quoted(control['key'])})"
    deadline = time.monotonic() + REACT_SECONDS
    while True:
        now = await page.ask(question)
        if found := before.reaction(page, now):
            await page.settle(2.0)
            return found
        if time.monotonic() > deadline:
            return ""
        await asyncio.sleep(LOOK_SECONDS)


async def press(page: Page, control: dict[str, Any]) -> str:
    """Press it with the mouse; why that was not possible."""
    place = await page.ask(f"locate({control['number']}, {quoted(control['key'])})")
    if not place:
        return "It is not there when the page is loaded anew."
    if place.get("covered"):
        return f"“{place['covered']}” lies over it."
    await hands.click(page, float(place["x"]), float(place["y"]))
    return ""


async def probe(page: Page, control: dict[str, Any], path: str, step: Step, warm: list[Any]) -> str:
    """Try a button or a link; sets the step's outcome, and returns how it reacts. `warm` are
    controls that have reacted before. Raises NoAnswer."""
    await page.goto(path, LOAD_SECONDS)
    await page.hold()
    before = await moment(page, control)
    if hindered := await press(page, control):
        step.outcome, step.detail = NOTE, hindered
        return ""
    found = await reacts(page, control, before)
    if found and not before.faults(page):
        await asyncio.sleep(LATE_SECONDS)
        await page.settle()
    if faults := before.faults(page):
        step.outcome, step.detail = FAILED, "\n".join(dict.fromkeys(faults[:4]))
        return found
    if found:
        step.detail = _leads(page, found)
        return found
    if not control.get("button"):
        step.outcome, step.detail = NOTE, "It leads to where one is."
        return ""
    handled = await _handled(page, control)
    if handled and not control.get("chosen") and not STATEFUL.search(str(control.get("name"))):
        found = await _again(page, control, warm)
        if faults := before.faults(page):
            step.outcome, step.detail = FAILED, "\n".join(dict.fromkeys(faults[:4]))
            return found
        if found:
            return found
        step.outcome, step.detail = FAILED, "No reaction: nothing on the page changes."
    elif handled or control.get("chosen"):
        step.outcome, step.detail = NOTE, "Nothing happens at first."
    else:
        step.outcome, step.detail = FAILED, "No reaction: nothing listens to it."
    return ""


async def _again(page: Page, control: dict[str, Any], warm: list[Any]) -> str:
    """Something to work on first: words in the fields, then what other buttons do."""
    await page.ask(f"fill({control['number']}, {quoted(control['key'])}, 'Vibecheck')")
    for other in [None, *warm[:2]]:
        if other is not None and other["key"] != control["key"]:
            await press(page, other)
            await asyncio.sleep(LOOK_SECONDS)
        before = await moment(page, control)
        if await press(page, control):
            continue
        if found := await reacts(page, control, before):
            return found
    return ""


async def _handled(page: Page, control: dict[str, Any]) -> bool:
    """Whether anything in the page listens for a click on it."""
    element = await page.element(f"element({control['number']}, {quoted(control['key'])})")
    if not element:
        return False
    # In the page's own world, where frameworks keep what they know of an element.
    try:
        node = (await page.call("DOM.describeNode", {"objectId": element})).get("node") or {}
        own = await page.call("DOM.resolveNode", {"backendNodeId": node.get("backendNodeId")})
        there = (own.get("object") or {}).get("objectId")
        told = await page.call(
            "Runtime.callFunctionOn",
            {"objectId": there, "functionDeclaration": script("handled.js"), "returnByValue": True},
        )
        kind = (told.get("result") or {}).get("value")
        if kind:
            return bool(kind == "own")
        return await _listens(page, str(there))
    except (Refused, TimeoutError):
        return True


async def _listens(page: Page, element: str) -> bool:
    up = "function () { return this.parentNode ?? this.host ?? window; }"
    for _ in range(40):
        found = (await page.call("DOMDebugger.getEventListeners", {"objectId": element})).get(
            "listeners"
        )
        if any(one.get("type") in HANDLES for one in found or ()):
            return True
        told = await page.call(
            "Runtime.callFunctionOn", {"objectId": element, "functionDeclaration": up}
        )
        following = (told.get("result") or {}).get("objectId")
        if not following or (told.get("result") or {}).get("className") == "Window":
            return False
        element = str(following)
    return False


def _leads(page: Page, found: str) -> str:
    if found == "another page":
        main = [one for one in page.happened.requests.values() if one.main]
        return f"It leads to {urlsplit(main[-1].url).path}." if main else ""
    words = {
        "dom": "The page changes.", "values": "A field changes.", "title": "The title changes.",
        "url": "The address changes.", "stored": "It keeps something.", "opened": "It opens.",
        "scrolled": "The page moves.", "focus": "It leads to a field.",
    }  # fmt: skip
    return words.get(found, f"It makes: {found}.")


def quoted(text: object) -> str:
    return json.dumps(str(text))

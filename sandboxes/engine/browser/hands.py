"""Mouse and keyboard of a page. Each raises NoAnswer and BrowserGone, as the page does."""

from __future__ import annotations

from contextlib import suppress

from .page import Page


async def click(page: Page, x: float, y: float) -> None:
    where = {"x": x, "y": y, "button": "left", "clickCount": 1}
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        # A dialog that opens holds up the answer, not the click.
        with suppress(TimeoutError):
            await page.call("Input.dispatchMouseEvent", {"type": kind, **where}, 4.0)
        page.check()


async def write(page: Page, text: str) -> None:
    with suppress(TimeoutError):
        await page.call("Input.insertText", {"text": text}, 4.0)
    page.check()


async def press(page: Page, key: str) -> None:
    code = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38,
            "ArrowLeft": 37, "ArrowRight": 39, "Backspace": 8, " ": 32}.get(key, 0)  # fmt: skip
    text = "\r" if key == "Enter" else key if len(key) == 1 else ""
    given = {"key": key, "code": key, "windowsVirtualKeyCode": code}
    for kind in ("keyDown", "keyUp"):
        words = {"text": text} if text and kind == "keyDown" else {}
        with suppress(TimeoutError):
            await page.call("Input.dispatchKeyEvent", {"type": kind, **given, **words}, 4.0)
    page.check()

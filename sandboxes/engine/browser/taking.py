"""Pictures of pages, small enough to be kept."""

from __future__ import annotations

import base64
from typing import Any

from . import program
from .page import Page
from .wire import Refused

PICTURE_BYTES = 600_000
QUALITIES = (72, 45, 20)


async def picture(page: Page, kind: str = "jpeg", **more: Any) -> bytes:
    """What shows of the page now; b"" where it cannot be drawn. `more`: of Page.captureScreenshot
    in the Chrome DevTools Protocol."""
    for quality in QUALITIES:
        params = {"format": kind, **({"quality": quality} if kind == "jpeg" else {}), **more}
        try:
            told = await page.call("Page.captureScreenshot", params)
            data = base64.b64decode(str(told.get("data")), validate=True)
        except (TimeoutError, Refused, ValueError):
            return b""
        if len(data) <= PICTURE_BYTES:
            return data
    return b""


async def small(page: Page, scale: float, kind: str = "jpeg") -> bytes:
    """The same at a fraction of its size."""
    clip = {"x": 0, "y": 0, "width": program.WIDTH, "height": program.HEIGHT, "scale": scale}
    return await picture(page, kind, clip=clip)

"""What a new page is set to before it goes anywhere."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from .launching import Browser
from .scripts import script
from .wire import Refused

Call = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


async def prepare(call: Call, browser: Browser, context: str, size: dict[str, int]) -> str:
    """Set the page that `call` speaks to, in a browser's context, to a window of a size; the name
    of its frame."""
    binding = f"_{secrets.token_hex(6)}"
    hooks = f"{script('hooks.js').strip()}({binding!r})"
    for method, params in (
        ("Page.enable", {}),
        ("Runtime.enable", {}),
        ("Runtime.addBinding", {"name": binding}),
        ("Network.enable", {"maxPostDataSize": 65_536}),
        ("Log.enable", {}),
        ("Page.addScriptToEvaluateOnNewDocument", {"source": hooks}),
        ("Network.setUserAgentOverride", {"userAgent": browser.user_agent}),
        ("Security.setIgnoreCertificateErrors", {"ignore": True}),
        ("Emulation.setDeviceMetricsOverride", window(size)),
        ("Emulation.setFocusEmulationEnabled", {"enabled": True}),
        ("Page.setInterceptFileChooserDialog", {"enabled": True}),
    ):
        with suppress(Refused):
            await call(method, params)
    # Whoever has pressed a button is not asked whether it may copy.
    copies = {"permission": {"name": "clipboard-write"}, "setting": "granted"}
    for method, chosen in (
        ("Browser.setDownloadBehavior", {"behavior": "deny"}),
        ("Browser.setPermission", copies),
    ):
        with suppress(Refused):
            await browser.call(method, {**chosen, "browserContextId": context})
    tree = await call("Page.getFrameTree", {})
    return str(((tree.get("frameTree") or {}).get("frame") or {}).get("id"))


def window(size: dict[str, int]) -> dict[str, Any]:
    """A screen of {"width", "height"} as the browser is told of it."""
    return {**size, "deviceScaleFactor": 1, "mobile": False}

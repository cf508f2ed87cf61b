"""Opens the browser of whoever sits at this machine, if somebody does."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser


def has_display() -> bool:
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def open_browser(url: str) -> None:
    """Open `url` where there is a display; never waits and never fails."""
    if has_display():
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

"""The browser that this machine has for looking at apps, and why it may have none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from sandboxes.engine import Level
from sandboxes.engine.browser import HINT, find
from sandboxes.host import isolation

DIRECTORY = "browsers"
# Host users of browsers when the platform runs as root: between those of sandboxes and the ranges
# of ids that sandboxes have.
FIRST_UID = 260_000


@lru_cache(maxsize=4)
def _found(wanted: str) -> Path | None:
    return find(wanted)


def program() -> Path | None:
    return _found(settings.CHROMIUM)


def problem() -> tuple[str, str]:
    """(why no browser can look at apps here, what to do); both empty when one can."""
    if settings.BROWSERS <= 0:
        return "The operator has switched browsers off.", "Set VIBE_BROWSERS to 1 or more."
    if program() is None:
        named = settings.CHROMIUM
        why = f"{named} is no program." if named else "There is no Chromium on this machine."
        return why, HINT
    if isolation.current().level is not Level.FULL:
        return (
            "A browser for apps of strangers needs the isolation level full.",
            isolation.current().hint,
        )
    return "", ""


def place() -> Path:
    """Where the files of browsers lie while they run."""
    return Path(settings.DATA_DIR) / DIRECTORY

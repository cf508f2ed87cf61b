"""Edits of a style sheet: the accent colour, the background, a size."""

from __future__ import annotations

import re

from chat.agent.demo.understanding.colours import luminance

# Above it black letters are easier to read than white ones.
BRIGHT = 0.32


def accent(content: str, value: str) -> str:
    """The content with another accent, and letters on it that can be read."""
    content = defined(content, "--accent", value)
    return defined(content, "--on-accent", "#16181d" if luminance(value) > BRIGHT else "#ffffff")


def background(content: str, value: str) -> str:
    """The content with another background; all other colours follow, dark letters on a bright
    page and bright ones on a dark one.
    """
    content = defined(content, "--page", value)
    return defined(content, "color-scheme", "light" if luminance(value) > BRIGHT else "dark")


def defined(content: str, name: str, value: str) -> str:
    """The content with the first definition of a property set to the value."""
    return re.sub(rf"((?<![\w-]){name}\s*:\s*)[^;}}]+", rf"\g<1>{value}", content, count=1)

"""How fast the demo model speaks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from django.conf import settings

_WORDS = re.compile(r"\S+\s*|\s+")
ARGUMENT_CHARACTERS = 160


async def words(text: str) -> AsyncIterator[str]:
    """The text word by word, at a natural pace."""
    for match in _WORDS.finditer(text):
        yield match.group()
        await asyncio.sleep(settings.DEMO_DELAY_MS / 1000)


async def slices(text: str) -> AsyncIterator[str]:
    """JSON of a tool call in pieces."""
    for start in range(0, len(text), ARGUMENT_CHARACTERS):
        yield text[start : start + ARGUMENT_CHARACTERS]
        await asyncio.sleep(settings.DEMO_DELAY_MS / 1000)

"""Text that arrives in pieces, as text that can be stored."""

from __future__ import annotations

import re

from chat.services.storable import storable

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_FIRST_HALF = re.compile("[\ud800-\udbff]\\Z")


class Joiner:
    """Joins surrogate halves that were sent apart; lone ones and NUL become U+FFFD."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """What can be passed on now; a first half at the end waits for the second."""
        if not self._half and not _UNSTORABLE.search(text):
            return text
        text = self._half + text
        found = _FIRST_HALF.search(text)
        self._half = found.group() if found else ""
        return storable(text.removesuffix(self._half))

    def end(self) -> str:
        """What still waits, now that nothing follows."""
        half, self._half = self._half, ""
        return storable(half)

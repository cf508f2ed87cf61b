"""Output as text: bytes of two streams become lines of JSON, no character is ever torn."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Any

from sandboxes.models import LogChunk

NAMES = {int(stream): stream.label for stream in LogChunk.Stream}


@dataclass
class LogText:
    """Decodes pieces in order. The end of a piece that is half a character is held back until
    the next piece of its stream; `offset` and `next` of a line count bytes, not characters."""

    _held: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    def feed(self, offset: int, stream: int, data: bytes) -> dict[str, Any] | None:
        """The line for this piece; None when it only holds the beginning of a character."""
        begin, held = self._held.pop(stream, (offset, b""))
        end = offset + len(data)
        if begin + len(held) != offset:
            begin = offset
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(held + data)
        rest = decoder.getstate()[0]
        if rest:
            self._held[stream] = (end - len(rest), rest)
        if not text:
            return None
        return {
            "offset": begin,
            "stream": NAMES[stream],
            "data": text,
            "next": max(offset, end - len(rest)),
        }

    def flush(self) -> list[dict[str, Any]]:
        """Lines for what was held back when nothing follows: broken characters are replaced."""
        lines = [
            {
                "offset": offset,
                "stream": NAMES[stream],
                "data": held.decode("utf-8", "replace"),
                "next": offset + len(held),
            }
            for stream, (offset, held) in sorted(self._held.items(), key=lambda item: item[1])
        ]
        self._held.clear()
        return lines

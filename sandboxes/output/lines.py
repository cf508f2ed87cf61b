"""Counting lines in output that arrives in arbitrary pieces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class LineCounter:
    """Numbers lines from 1; `current` is the line that the next byte belongs to."""

    current: int = 1

    def feed(self, data: bytes) -> tuple[int, int]:
        """Return (line of the first byte of `data`, number of line ends in it)."""
        first = self.current
        ends = data.count(b"\n")
        self.current += ends
        return first, ends

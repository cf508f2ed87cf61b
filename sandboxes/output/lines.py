"""Lines of output that arrives in arbitrary pieces: counting them, and cutting them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

# A line that never ends comes in parts of this size, all with its number.
MAX_LINE = 64 * 1024


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


@dataclass(frozen=True)
class Line:
    """One line of one stream without its end; `offset` is where its first byte lies.

    `number` counts the line ends of both streams before it, so it is the same for every reader.
    """

    number: int
    offset: int
    stream: int
    data: bytes


@dataclass
class LineSplitter:
    """Cuts pieces into lines; a line that another stream interrupts stays whole."""

    _open: dict[int, Line] = field(default_factory=dict)

    def feed(self, number: int, offset: int, stream: int, data: bytes) -> Iterator[Line]:
        """The lines that end in `data`, whose first byte is of line `number`."""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            yield self._joined(number, offset + start, stream, data[start:end])
            start, number = end + 1, number + 1
        if start < len(data):
            line = self._joined(number, offset + start, stream, data[start:])
            if len(line.data) >= MAX_LINE:
                yield line
            else:
                self._open[stream] = line

    def flush(self) -> list[Line]:
        """What has begun and not ended."""
        lines = sorted(self._open.values(), key=lambda line: line.offset)
        self._open.clear()
        return lines

    def begun_at(self, position: int) -> int:
        """Where reading has to begin again to see every open line whole; else `position`."""
        return min((line.offset for line in self._open.values()), default=position)

    def _joined(self, number: int, offset: int, stream: int, data: bytes) -> Line:
        begun = self._open.pop(stream, None)
        if begun is None:
            return Line(number, offset, stream, data)
        return Line(begun.number, begun.offset, stream, begun.data + data)

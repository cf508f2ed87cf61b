"""What one file request may add to the disk of a sandbox, and what it has added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Far more than any disk has: what an agent says is not believed beyond it.
MOST = 1 << 50


@dataclass
class Budget:
    """`room` bytes for the whole request, `file_bytes` for each file, None for no end; `reserve`
    bytes stay free on the disk. Every entry counts a block at least, as the meter counts.

    `grown` is told when the request has been carried out, less than 0 when it has freed some.
    Where there is no room the request fails with code no_room, file_too_large or disk_reserve,
    and what it has written so far is gone again.
    """

    room: int | None = None
    file_bytes: int | None = None
    reserve: int = 0
    grown: int = 0

    def asked(self) -> dict[str, Any]:
        """As the request says it."""
        return {"room": self.room, "file_bytes": self.file_bytes, "reserve": self.reserve}

    def told(self, answer: dict[str, Any]) -> None:
        """Read the untrusted answer."""
        grown = answer.get("grown")
        if type(grown) is int:
            self.grown = max(-MOST, min(grown, MOST if self.room is None else self.room))

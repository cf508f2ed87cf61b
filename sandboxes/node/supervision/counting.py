"""What was counted of a sandbox's files, and by how much they have grown since."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandboxes.node.supervision.command import CommandRun

NOTICEABLE_BYTES = 1 << 20


@dataclass(frozen=True)
class Growth:
    """By how many bytes, and how many a second. `known` False: it is the first count."""

    bytes: int
    rate: float
    known: bool

    @property
    def is_noticeable(self) -> bool:
        return self.known and self.bytes >= NOTICEABLE_BYTES


@dataclass(frozen=True)
class Count:
    """One count of a sandbox or, by its key, of a drive that it writes to. `ended`: none of the
    commands that were being ended for it ran any more when it began."""

    key: str
    size: int
    growth: Growth
    ended: bool


@dataclass
class DiskUse:
    """What was last counted of one sandbox. `overruns`: counts in a row that were too much and
    had grown."""

    bytes: int = 0
    counted_at: float = float("-inf")
    node_bytes: int = 0  # in use on the whole file system at that time
    overruns: int = 0
    # Commands that are being ended for it. What they write until then is nobody else's, so a count
    # during which one of them still ran is no reason to end the sandbox.
    ending: list[CommandRun] = field(default_factory=list)
    told_at: float = 0.0

    def grown_to(self, size: int, now: float) -> Growth:
        known = self.counted_at > float("-inf")
        more = size - self.bytes
        return Growth(more, max(more, 0) / max(now - self.counted_at, 0.001) if known else 0, known)

    def counted(self, size: int, now: float, node_bytes: int) -> None:
        self.bytes, self.counted_at, self.node_bytes = size, now, node_bytes

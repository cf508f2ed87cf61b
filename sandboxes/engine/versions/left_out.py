"""What a version does not hold, counted by reason, with some of the paths."""

from __future__ import annotations

from typing import TypedDict

SHOWN = 10

DEPENDENCIES = "dependencies"  # folders that a package manager or a build makes anew
IGNORED = "ignored"  # by the project's own .gitignore
LARGE = "large"
BEYOND = "beyond"  # more files or bytes than a version holds, or too deep
REPOSITORY = "repository"  # the project's own .git
SPECIAL = "special"  # sockets, pipes, devices
CLOSED = "closed"  # cannot be read
BLOCKED = "blocked"  # a restore found something in its place that no version holds


class Reason(TypedDict):
    count: int
    paths: list[str]


class LeftOut:
    """Counts by reason; keeps the first paths of each."""

    def __init__(self) -> None:
        self.reasons: dict[str, Reason] = {}

    def add(self, reason: str, path: str) -> None:
        found = self.reasons.setdefault(reason, {"count": 0, "paths": []})
        found["count"] += 1
        if len(found["paths"]) < SHOWN:
            found["paths"].append(printable(path))


def printable(path: str) -> str:
    """Names that are no UTF-8 are shown escaped."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

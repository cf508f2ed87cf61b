"""Decisions on their way to the event log: each host once a minute, so that nothing floods it.

A refusal that is not for the log, because it was told before, goes along all the same, marked
`repeated`: it still explains why the program failed that met it."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

WINDOW_SECONDS = 60.0
MOST_PER_WINDOW = 60
MOST_REPEATED = 64
SOON_SECONDS = 0.5
# A program that asks again and again is worth a word now and then; the end of a command does not
# wait for it (Outlet.tell).
REPEATED_SECONDS = 5.0

Key = tuple[str, int, bool, str]


class Journal:
    """Of one sandbox. What is over the most in a window is counted and not named."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._seen: set[Key] = set()
        self._fresh: list[dict[str, Any]] = []
        self._unnamed: defaultdict[bool, int] = defaultdict(int)
        self._repeated = 0

    def note(self, host: str, port: int, allowed: bool, reason: str) -> float | None:
        """Returns in how many seconds it is to be told, None where it is not."""
        now = time.monotonic()
        if now - self._since >= WINDOW_SECONDS:
            self._since, self._seen = now, set()
            self._settle()
        key = (host, port, allowed, reason)
        told = key in self._seen
        if not told and len(self._seen) >= MOST_PER_WINDOW:
            self._unnamed[allowed] += 1
            told = True
        elif not told:
            self._seen.add(key)
        entry: dict[str, Any] = {"host": host, "port": port, "allowed": allowed, "reason": reason}
        if not allowed:
            entry["at"] = time.time()
        if told:
            if allowed or self._repeated >= MOST_REPEATED:
                return None
            self._repeated += 1
            entry["repeated"] = True
        self._fresh.append(entry)
        return REPEATED_SECONDS if told else SOON_SECONDS

    def take(self, last: bool = False) -> list[dict[str, Any]]:
        """What is new; with `last`, also the count of what was not named."""
        if last:
            self._settle()
        taken, self._fresh = self._fresh, []
        self._repeated = 0
        return taken

    def _settle(self) -> None:
        for allowed, count in self._unnamed.items():
            self._fresh.append({"host": "", "port": 0, "allowed": allowed, "count": count})
        self._unnamed.clear()

"""What a visit brings back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

OK, FAILED, NOTE, UNSURE = "ok", "failed", "note", "unsure"
STEPS, DETAIL = 60, 500


@dataclass
class Step:
    """`outcome`: ok, failed, note (nothing to object to, and no proof), unsure (it could not be
    found out)."""

    what: str
    outcome: str = OK
    detail: str = ""
    seconds: float = 0.0


@dataclass
class Visit:
    """`broken` says why the visit itself did not come to its end; empty when it did."""

    steps: list[Step] = field(default_factory=list)
    console: list[dict[str, str]] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    url: str = ""
    title: str = ""
    text: str = ""
    tree: str = ""
    forms: list[str] = field(default_factory=list)
    # Forms whose sending was held back: {"what": of the step, "key": of the control}.
    held: list[dict[str, str]] = field(default_factory=list)
    # Sent, and not found again on the page: {"what": of the step, "token": what was typed}.
    untraced: list[dict[str, str]] = field(default_factory=list)
    broken: str = ""
    afresh: bool = False
    pictures: dict[str, bytes] = field(default_factory=dict)

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """A step whose outcome the caller sets; of one that breaks off, the outcome is unsure."""
        one = Step(what[:200])
        if len(self.steps) < STEPS:
            self.steps.append(one)
        began = time.monotonic()
        try:
            yield one
        except BaseException:
            if one.outcome == OK:
                one.outcome = UNSURE
            raise
        finally:
            one.detail = one.detail[:DETAIL]
            one.seconds = round(time.monotonic() - began, 2)

    def told(self) -> dict[str, Any]:
        """All but the pictures, as it fits in JSON."""
        return {
            "steps": [vars(one) for one in self.steps],
            "console": self.console[:100],
            "strangers": self.strangers,
            "url": self.url,
            "title": self.title,
            "text": self.text,
            "tree": self.tree,
            "forms": self.forms,
            "held": self.held,
            "untraced": self.untraced,
            "broken": self.broken,
            "afresh": self.afresh,
        }

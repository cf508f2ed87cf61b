"""A request, with what its words are known to mean."""

from __future__ import annotations

from dataclasses import dataclass

from chat.agent.demo.understanding.lexicon import Found


@dataclass(frozen=True)
class Request:
    """A request as it was written, its concepts, and whether there is something to be changed."""

    text: str
    found: Found
    has_app: bool

    def has(self, *concepts: str) -> bool:
        return self.found.has(*concepts)

    @property
    def is_new(self) -> bool:
        """Whether it speaks of another thing, and not of the one that exists."""
        return self.has("do.create") and self.has("one")

"""Sentences of the demo model in the language of the request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGLISH = "en"


@cache
def sentences(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(
        (Path(__file__).parent / f"{language}.json").read_text(encoding="utf-8")
    )
    return found


@dataclass(frozen=True)
class Voice:
    """Says sentences by their keys; what a language does not have, it says in English."""

    language: str = ENGLISH

    def __call__(self, key: str, **values: object) -> str:
        sentence = sentences(self.language or ENGLISH).get(key) or sentences(ENGLISH)[key]
        return sentence.format(**values)

    def offer(self, key: str, **values: object) -> str:
        """A suggestion: what stands between the stars is understood when sent word for word."""
        return f"**{self(f'try.{key}', **values)}**"

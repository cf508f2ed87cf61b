"""What the agent is told before the conversation."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def system() -> str:
    return (Path(__file__).parent / "system.md").read_text(encoding="utf-8")

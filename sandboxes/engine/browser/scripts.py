"""The scripts beside this file, which run in pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def script(name: str) -> str:
    """One of them, by the name of its file."""
    return (HERE / name).read_text(encoding="utf-8")

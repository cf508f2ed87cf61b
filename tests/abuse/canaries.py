"""Secrets that are planted around a sandbox, and must not be found in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# What a platform has in its environment; the values are the canaries.
SECRET_NAMES = ("SECRET_KEY", "VIBE_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY",
                "ANTHROPIC_API_KEY", "SENTRY_DSN", "PIP_INDEX_URL", "UV_INDEX",
                "NPM_TOKEN")  # fmt: skip


@dataclass(frozen=True)
class Canaries:
    """Secrets of the platform: in its environment, in a file that it has open, on the disk."""

    values: list[str]
    file: Path

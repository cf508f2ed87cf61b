"""How much of a workspace a version holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Of one version: bytes of a file and of all, files, and entries that are looked at."""

    file_bytes: int = 16 << 20
    bytes: int = 512 << 20
    files: int = 20_000
    entries: int = 200_000
    depth: int = 64

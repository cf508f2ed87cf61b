"""Amounts of bytes for people."""

from __future__ import annotations

MB, GB = 1 << 20, 1 << 30


def in_words(size: int) -> str:
    """ "1.2 GB", "400 MB", "12 kB": powers of two, as the settings count."""
    if size >= GB:
        return f"{_short(size / GB)} GB"
    if size >= MB:
        return f"{_short(size / MB)} MB"
    return f"{-(-size // 1024)} kB"


def _short(amount: float) -> str:
    return f"{amount:.0f}" if amount >= 100 else f"{amount:.3g}"

"""Functions of text, in a process that has little time and memory: what parses a stranger's text
may take exponential time, and in C code no thread can be stopped."""

from __future__ import annotations

from vibe.bounded.calls import text

__all__ = ["text"]

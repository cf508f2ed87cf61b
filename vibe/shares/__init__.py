"""Whatever blocks has an owner, a share and a deadline."""

from __future__ import annotations

from vibe.shares.shares import Busy, Release, Shares
from vibe.shares.threads import SharedThreads

__all__ = ["Busy", "Release", "SharedThreads", "Shares"]

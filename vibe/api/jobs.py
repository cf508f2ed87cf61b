"""RQ jobs of the API."""

from __future__ import annotations

from vibe.api import idempotency


def forget_idempotent_requests() -> None:
    """Every hour: a key that is older than a day may be used again."""
    idempotency.forget_old()

"""RQ jobs of accounts."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from vibe.accounts.services import browsers


def forget_expired_sessions() -> None:
    """Every hour: a browser that never signs out would leave its row for ever."""
    SessionStore.clear_expired()
    browsers.forget_ended()

"""RQ jobs that send messages to webhooks."""

from __future__ import annotations

from django.conf import settings

from vibe.webhooks.services import deliveries


def deliver(delivery_id: str) -> None:
    deliveries.deliver(delivery_id)


def deliver_due() -> None:
    """Every 15 seconds: what failed is tried again when its time has come."""
    deliveries.deliver_due()


def forget_deliveries() -> None:
    """Every ten minutes: of each user only the newest messages are kept."""
    deliveries.forget_beyond(settings.ROWS_PER_USER)

"""RQ jobs that send messages to webhooks."""

from __future__ import annotations

from vibe.webhooks.services import deliveries


def deliver(delivery_id: str) -> None:
    deliveries.deliver(delivery_id)


def deliver_due() -> None:
    """Every 15 seconds: what failed is tried again when its time has come."""
    deliveries.deliver_due()

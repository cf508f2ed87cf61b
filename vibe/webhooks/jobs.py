"""RQ jobs that send messages to webhooks."""

from __future__ import annotations

from django.conf import settings

from vibe.jobs.run import hands_over
from vibe.webhooks.courier import courier
from vibe.webhooks.services import deliveries


@hands_over
def send(owner_id: int) -> None:
    """There is something new for webhooks of this user."""
    courier().wake(owner_id)


def deliver_due() -> None:
    """Every 15 seconds: what failed is tried again when its time has come, and what a worker left
    behind is sent."""
    deliveries.forget_old()
    courier().wake(*deliveries.owners_waiting())


def forget_deliveries() -> None:
    """Every ten minutes: of each user only the newest messages are kept."""
    deliveries.forget_beyond(settings.ROWS_PER_USER)

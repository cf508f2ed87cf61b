"""The periodic jobs. Each expires before its next turn, so that none pile up without a worker."""

from __future__ import annotations

from django.conf import settings
from rq.cron import register

from sandboxes.jobs import reconcile_node

register(
    reconcile_node,
    settings.SANDBOX_QUEUE,
    interval=60,
    ttl=55,
    result_ttl=60,
    name="reconcile",
)

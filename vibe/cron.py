"""The periodic jobs. Each expires before its next turn, so that none pile up without a worker."""

from __future__ import annotations

from django.conf import settings
from rq.cron import register

from chat.jobs import forget_problems, forget_unsent_attachments, forget_usage
from sandboxes.jobs import reconcile_node, remove_old_logs, rest, tidy_node
from vibe.accounts.jobs import forget_expired_sessions
from vibe.api.jobs import forget_idempotent_requests
from vibe.webhooks.jobs import deliver_due, forget_deliveries

register(
    reconcile_node,
    settings.SANDBOX_QUEUE,
    interval=60,
    ttl=55,
    result_ttl=60,
    name="reconcile",
)

register(
    rest,
    settings.SANDBOX_QUEUE,
    interval=10,
    ttl=9,
    result_ttl=60,
    name="rest",
)

register(
    forget_idempotent_requests,
    settings.SANDBOX_QUEUE,
    interval=3600,
    ttl=3000,
    result_ttl=60,
    name="forget idempotent requests",
)

register(
    forget_expired_sessions,
    settings.SANDBOX_QUEUE,
    interval=3600,
    ttl=3000,
    result_ttl=60,
    name="forget expired sessions",
)

register(
    remove_old_logs,
    settings.SANDBOX_QUEUE,
    interval=600,
    ttl=550,
    result_ttl=60,
    name="remove old logs",
)

register(
    deliver_due,
    settings.SANDBOX_QUEUE,
    interval=15,
    ttl=14,
    result_ttl=60,
    name="deliver webhooks",
)

register(
    forget_deliveries,
    settings.SANDBOX_QUEUE,
    interval=600,
    ttl=550,
    result_ttl=60,
    name="forget webhook deliveries",
)

register(
    tidy_node,
    settings.SANDBOX_QUEUE,
    interval=60,
    ttl=55,
    result_ttl=60,
    name="tidy",
)

register(
    forget_unsent_attachments,
    settings.CHAT_QUEUE,
    interval=3600,
    ttl=3000,
    result_ttl=60,
    name="forget unsent attachments",
)

register(
    forget_usage,
    settings.CHAT_QUEUE,
    interval=3600,
    ttl=3000,
    result_ttl=60,
    name="forget usage",
)

register(
    forget_problems,
    settings.CHAT_QUEUE,
    interval=3600,
    ttl=3000,
    result_ttl=60,
    name="forget problems",
)

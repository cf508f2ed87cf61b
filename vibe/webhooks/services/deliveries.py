"""Messages to webhooks: announced, sent, tried again, given up."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from vibe.data.newest import keep_newest
from vibe.data.prepared import Prepared
from vibe.jobs.queue import enqueue
from vibe.webhooks import sending, signing
from vibe.webhooks.models import Webhook, WebhookDelivery

JOB = "vibe.webhooks.jobs.deliver"
# After each failed attempt; the periodic job looks every 15 s.
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=14)
DUE_AT_ONCE = 200

Status = WebhookDelivery.Status

# Most users have none, and every start and end of a command asks.
_enabled = Prepared(
    lambda owner: Webhook.objects.filter(owner_id=owner, disabled_at=None).order_by()
)


def announce(owner_id: int, event: str, data: dict[str, Any]) -> None:
    """Tell the user's webhooks that want to hear of `event`; sent in the background.

    event: one of endpoints.EVENTS. data: what JSON can carry, no secrets.
    """
    if _enabled.first(owner_id) is None:
        return
    hooks = Webhook.objects.filter(owner_id=owner_id, disabled_at=None)
    wanting = [hook for hook in hooks if not hook.events or event in hook.events]
    if not wanting:
        return
    payload = {"type": event, "timestamp": timezone.now().isoformat(), "data": data}
    with transaction.atomic():
        # One that is removed in the meantime must not fail what there is to tell.
        there = Webhook.objects.select_for_update().filter(pk__in=[hook.pk for hook in wanting])
        for hook in there:
            made = WebhookDelivery.objects.create(webhook=hook, event=event, payload=payload)
            enqueue(settings.SANDBOX_QUEUE, JOB, made.pk)


def deliver(delivery_id: str) -> None:
    """Make one attempt when one is due and nobody else makes it."""
    now = timezone.now()
    claimed = WebhookDelivery.objects.filter(
        pk=delivery_id, status=Status.PENDING, next_at__lte=now, webhook__disabled_at=None
    ).update(attempts=F("attempts") + 1, next_at=now + LEASE)
    if not claimed:
        return
    delivery = WebhookDelivery.objects.select_related("webhook").get(pk=delivery_id)
    body = json.dumps(delivery.payload, separators=(",", ":")).encode()
    stamp = int(now.timestamp())
    signed = signing.headers(delivery.webhook.secret, delivery.pk, stamp, body)
    status, error = None, ""
    try:
        status = sending.post(
            delivery.webhook.url, body, signed, allow_private=settings.WEBHOOK_PRIVATE
        )
    except sending.NotSent as failure:
        error = str(failure)
    if status is not None and 200 <= status < 300:
        _delivered(delivery, status)
    else:
        _failed(delivery, status, error or f"It answered {status}.")


def deliver_due() -> None:
    """Ask for the attempts that are due, also those whose worker died; forget old messages."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(
        status=Status.PENDING, next_at__lte=now, webhook__disabled_at=None
    )
    for delivery_id in due.order_by("next_at").values_list("pk", flat=True)[:DUE_AT_ONCE]:
        enqueue(settings.SANDBOX_QUEUE, JOB, delivery_id)
    WebhookDelivery.objects.filter(created_at__lt=now - KEPT).delete()


def forget_beyond(most: int) -> int:
    """Delete the oldest messages of every user who has more than `most`, sent or not; 0: none."""
    rows = WebhookDelivery.objects.all()
    return keep_newest(rows, most, owner="webhook__owner")


def list_for(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """The delivery log, newest first."""
    return WebhookDelivery.objects.filter(webhook=webhook)


def _delivered(delivery: WebhookDelivery, status: int) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        status=Status.DELIVERED, response_status=status, error="", ended_at=timezone.now()
    )
    Webhook.objects.filter(pk=delivery.webhook_id).update(failing_since=None)


def _failed(delivery: WebhookDelivery, status: int | None, error: str) -> None:
    now = timezone.now()
    Webhook.objects.filter(pk=delivery.webhook_id, failing_since=None).update(failing_since=now)
    fields: dict[str, Any] = {"response_status": status, "error": error}
    if delivery.attempts <= len(RETRIES):
        fields["next_at"] = now + RETRIES[delivery.attempts - 1]
    else:
        fields |= {"status": Status.FAILED, "ended_at": now}
        # An address that has not answered for days is not going to.
        Webhook.objects.filter(
            pk=delivery.webhook_id, failing_since__lt=now - GIVE_UP_AFTER, disabled_at=None
        ).update(disabled_at=now)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**fields)

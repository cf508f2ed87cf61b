"""Messages to webhooks: sent, tried again, given up. What there is to send: announcing."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from vibe.data.newest import keep_newest
from vibe.webhooks import signing
from vibe.webhooks.models import Webhook, WebhookDelivery

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

MOST_LOOKED_AT = 4

Status = WebhookDelivery.Status


@dataclass(frozen=True)
class Attempt:
    """One attempt that this process makes; nobody else does before `lease`."""

    delivery_id: str
    webhook_id: str
    owner_id: int
    number: int
    lease: datetime
    url: str
    body: bytes
    headers: dict[str, str] = field(repr=False)


def claim(owner_id: int, busy: Collection[str] = ()) -> Attempt | None:
    """Take the user's next attempt that is due, but none to a webhook of `busy`; None when there
    is none. Who takes it has LEASE to settle it."""
    now = timezone.now()
    mine = _with_due(now).filter(owner_id=owner_id).exclude(pk__in=busy).order_by("since")
    for due in mine.values_list("due", flat=True)[:MOST_LOOKED_AT]:
        lease = now + LEASE
        claimed = WebhookDelivery.objects.filter(
            pk=due, status=Status.PENDING, next_at__lte=now, webhook__disabled_at=None
        )
        if not claimed.update(attempts=F("attempts") + 1, next_at=lease):
            continue  # somebody else has it
        delivery = WebhookDelivery.objects.select_related("webhook").get(pk=due)
        body = json.dumps(delivery.payload, separators=(",", ":")).encode()
        stamp = int(now.timestamp())
        return Attempt(
            delivery_id=delivery.pk,
            webhook_id=delivery.webhook_id,
            owner_id=owner_id,
            number=delivery.attempts,
            lease=lease,
            url=delivery.webhook.url,
            body=body,
            headers=signing.headers(delivery.webhook.secret, delivery.pk, stamp, body),
        )
    return None


def settle(attempt: Attempt, status: int | None, error: str = "") -> None:
    """Write down what came of it: the answer's status, or why there is none."""
    if status is not None and 200 <= status < 300:
        _delivered(attempt, status)
    else:
        _failed(attempt, status, error or f"It answered {status}.")


def give_back(attempt: Attempt) -> None:
    """It was broken off by us: it is due again, and does not count."""
    _held(attempt).update(attempts=F("attempts") - 1, next_at=timezone.now())


def wanted(webhook_ids: Collection[str]) -> set[str]:
    """Which of these are still there, switched on, and of somebody who may sign in."""
    there = Webhook.objects.filter(
        pk__in=webhook_ids, disabled_at=None, owner__is_active=True
    ).order_by()
    return set(there.values_list("pk", flat=True))


def owners_waiting() -> list[int]:
    """Users with attempts that are due, also those whose worker died."""
    waiting = _with_due(timezone.now()).order_by()
    return list(waiting.values_list("owner_id", flat=True).distinct())


def forget_old() -> None:
    WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def forget_beyond(most: int) -> int:
    """Delete the oldest settled messages of every user who has more than `most`; 0: none. What
    waits has a quota of its own and is not lost."""
    rows = WebhookDelivery.objects.exclude(status=Status.PENDING)
    return keep_newest(rows, most, owner="webhook__owner")


def list_for(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """The delivery log, newest first."""
    return WebhookDelivery.objects.filter(webhook=webhook)


def _with_due(now: datetime) -> QuerySet[Any, Any]:  # annotations have no type
    """Webhooks that something is to be sent to: `due` is the id of what has waited longest,
    `since` when it was due. Looks at one row of each, however many wait."""
    waiting = WebhookDelivery.objects.filter(
        webhook=OuterRef("pk"), status=Status.PENDING, next_at__lte=now
    ).order_by("next_at")
    return (
        Webhook.objects.filter(disabled_at=None, owner__is_active=True)
        .annotate(
            due=Subquery(waiting.values("pk")[:1]), since=Subquery(waiting.values("next_at")[:1])
        )
        .exclude(due=None)
    )


def _held(attempt: Attempt) -> QuerySet[WebhookDelivery]:
    """The row, unless the lease was over and somebody else has taken it."""
    return WebhookDelivery.objects.filter(
        pk=attempt.delivery_id, status=Status.PENDING, next_at=attempt.lease
    )


def _delivered(attempt: Attempt, status: int) -> None:
    _held(attempt).update(
        status=Status.DELIVERED, response_status=status, error="", ended_at=timezone.now()
    )
    Webhook.objects.filter(pk=attempt.webhook_id).update(failing_since=None)


def _failed(attempt: Attempt, status: int | None, error: str) -> None:
    now = timezone.now()
    Webhook.objects.filter(pk=attempt.webhook_id, failing_since=None).update(failing_since=now)
    fields: dict[str, Any] = {"response_status": status, "error": error}
    if attempt.number <= len(RETRIES):
        fields["next_at"] = now + RETRIES[attempt.number - 1]
    else:
        fields |= {"status": Status.FAILED, "ended_at": now}
        # An address that has not answered for days is not going to.
        Webhook.objects.filter(
            pk=attempt.webhook_id, failing_since__lt=now - GIVE_UP_AFTER, disabled_at=None
        ).update(disabled_at=now)
    _held(attempt).update(**fields)

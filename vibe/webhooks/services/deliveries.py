"""Messages to webhooks: announced, sent, tried again, given up."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from vibe.accounts.services import kept
from vibe.data.newest import keep_newest
from vibe.data.prepared import Prepared
from vibe.jobs.queue import enqueue
from vibe.webhooks import signing
from vibe.webhooks.models import Webhook, WebhookDelivery

JOB = "vibe.webhooks.jobs.send"
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

WAITING = kept.register(
    kept.Kind(
        "messages",
        "messages that wait for webhooks",
        lambda owner: WebhookDelivery.objects.filter(
            webhook__owner_id=owner, status=Status.PENDING
        ),
        lambda: settings.WEBHOOK_MESSAGES_PER_USER,
        "Mend the receiver, or remove the webhook.",
    )
)
# Below this part of the room a webhook that messages were dropped for has come round again.
CALM = 0.4


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


# Most users have none, and every start and end of a command asks.
_enabled = Prepared(
    lambda owner: Webhook.objects.filter(owner_id=owner, disabled_at=None).order_by()
)


def announce(owner_id: int, event: str, data: dict[str, Any]) -> str:
    """Tell the user's webhooks that want to hear of `event`; sent in the background.

    event: one of endpoints.EVENTS. data: what JSON can carry, no secrets. Where too many messages
    wait already, this one is dropped and counted at its webhook; when that begins, the answer is a
    sentence for the event log, else "".
    """
    if _enabled.first(owner_id) is None:
        return ""
    hooks = Webhook.objects.filter(owner_id=owner_id, disabled_at=None)
    wanting = [hook for hook in hooks if not hook.events or event in hook.events]
    if not wanting:
        return ""
    payload = {"type": event, "timestamp": timezone.now().isoformat(), "data": data}
    with transaction.atomic():
        # One that is removed in the meantime must not fail what there is to tell.
        kept.take_turn(owner_id)
        there = Webhook.objects.select_for_update().filter(pk__in=[hook.pk for hook in wanting])
        told, dropped = _with_room(owner_id, list(there))
        for hook in told:
            WebhookDelivery.objects.create(webhook=hook, event=event, payload=payload)
        if told:
            enqueue(settings.SANDBOX_QUEUE, JOB, owner_id)
        return _drop(dropped)


def _with_room(owner_id: int, hooks: list[Webhook]) -> tuple[list[Webhook], list[Webhook]]:
    """(those that a message more may wait for, the others). One that takes nothing holds half of
    its owner's room at most, so that the others still hear."""
    most = WAITING.most_for(owner_id)
    if not most:
        return hooks, []
    counted = WAITING.rows(owner_id).order_by().values_list("webhook").annotate(n=Count("pk"))
    waiting = dict(counted)
    room = most - sum(waiting.values())
    told: list[Webhook] = []
    dropped: list[Webhook] = []
    for hook in hooks:
        if room > 0 and waiting.get(hook.pk, 0) < max(most // 2, 1):
            told.append(hook)
            room -= 1
        else:
            dropped.append(hook)
    calm = [hook.pk for hook in told if waiting.get(hook.pk, 0) < most * CALM]
    Webhook.objects.filter(pk__in=calm).exclude(dropping_since=None).update(dropping_since=None)
    return told, dropped


def _drop(hooks: list[Webhook]) -> str:
    """Count what these do not get; the sentence to tell when it is the first."""
    if not hooks:
        return ""
    Webhook.objects.filter(pk__in=[hook.pk for hook in hooks]).update(dropped=F("dropped") + 1)
    begun = [hook for hook in hooks if hook.dropping_since is None]
    if not begun:
        return ""
    Webhook.objects.filter(pk__in=[hook.pk for hook in begun]).update(dropping_since=timezone.now())
    hosts = ", ".join(sorted({urlsplit(hook.url).hostname or "" for hook in begun}))
    return (
        f"New messages to webhooks at {hosts} are dropped: too many wait already. Those that wait "
        "are kept. Mend the receiver, or remove the webhook."
    )


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

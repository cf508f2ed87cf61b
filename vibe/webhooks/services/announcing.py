"""Messages to webhooks that come to be, or are dropped because too many wait."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from vibe.accounts.services import kept
from vibe.data.prepared import Prepared
from vibe.jobs.queue import enqueue
from vibe.webhooks.models import Webhook, WebhookDelivery

JOB = "vibe.webhooks.jobs.send"

WAITING = kept.register(
    kept.Kind(
        "messages",
        "messages that wait for webhooks",
        lambda owner: WebhookDelivery.objects.filter(
            webhook__owner_id=owner, status=WebhookDelivery.Status.PENDING
        ),
        lambda: settings.WEBHOOK_MESSAGES_PER_USER,
        "Mend the receiver, or remove the webhook.",
    )
)
# Below this part of the room a webhook that messages were dropped for has come round again.
CALM = 0.4

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

"""Webhooks of a user: made, listed, switched on again, removed."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet

from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.refusal import Code, Refusal
from vibe.webhooks import signing
from vibe.webhooks.models import Webhook

EVENTS = (
    "sandbox.created",
    "sandbox.started",
    "sandbox.stopped",
    "sandbox.failed",
    "sandbox.deleted",
    "command.finished",
    "turn.waiting",
    "turn.completed",
    "turn.failed",
    "turn.stopped",
    "check.ended",
)
MOST = 20
LONGEST_URL = 1000
KEPT = kept.register(
    kept.Kind(
        "webhooks",
        "webhooks",
        lambda owner: Webhook.objects.filter(owner_id=owner),
        lambda: MOST,
        "Remove one first.",
    )
)


def create(owner: User, url: str, events: Iterable[str] = ()) -> Webhook:
    """Make a webhook; its secret is to be shown now and never again. Raises Refusal."""
    chosen = sorted(set(events))
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and parts.username is None and len(url) <= LONGEST_URL
    except ValueError:
        usable = False
    if not usable:
        raise Refusal(
            "This is not an address that a message can be sent to.",
            "Use one like https://example.org/hooks, without user name or password.",
        )
    for event in chosen:
        if event not in EVENTS:
            raise Refusal(f"There is no event {event!r}.", f"There are {', '.join(EVENTS)}.")
    with transaction.atomic():
        KEPT.check(owner.pk)
        return Webhook.objects.create(
            owner=owner, url=url, events=chosen, secret=signing.new_secret()
        )


def list_for(owner: User) -> QuerySet[Webhook]:
    return Webhook.objects.filter(owner=owner)


def get_for(owner: User, webhook_id: str) -> Webhook:
    """Raises Refusal when the user has no such webhook."""
    found = list_for(owner).filter(pk=webhook_id).first()
    if found is None:
        raise Refusal(
            "There is no such webhook.", "List yours to see what there is.", Code.NOT_FOUND
        )
    return found


def enable(webhook: Webhook) -> None:
    """Send messages again to one that was switched off because it did not answer."""
    Webhook.objects.filter(pk=webhook.pk).update(disabled_at=None, failing_since=None)
    webhook.refresh_from_db()


def remove(webhook: Webhook) -> None:
    webhook.delete()

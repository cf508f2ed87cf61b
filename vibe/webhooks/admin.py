"""Webhooks and their delivery log in the admin; secrets are not shown."""

from __future__ import annotations

from django.contrib import admin

from vibe.accounts.admin import NotByHand
from vibe.webhooks.models import Webhook, WebhookDelivery


@admin.register(Webhook)
class WebhookAdmin(NotByHand):
    list_display = ("url", "owner", "events", "created_at", "failing_since", "disabled_at")
    list_select_related = ("owner",)
    search_fields = ("url", "owner__username")
    fields = list_display


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(NotByHand):
    list_display = (
        "event",
        "webhook",
        "status",
        "attempts",
        "response_status",
        "error",
        "created_at",
    )
    list_filter = ("status", "event")
    list_select_related = ("webhook",)
    fields = (*list_display, "payload", "next_at", "ended_at")

from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "vibe.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"

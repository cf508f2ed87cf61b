from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Conversations"

    def ready(self) -> None:
        from chat.services import attachments
        from sandboxes.services import quotas

        quotas.count_too("attachments", attachments.kept_bytes)

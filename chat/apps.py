from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Conversations"

    def ready(self) -> None:
        from chat.services import problems
        from chat.services.attaching import attachments
        from sandboxes.services import quotas, server_faults

        server_faults.listen(problems.server_answered)
        quotas.count_too("attachments", attachments.kept_bytes)

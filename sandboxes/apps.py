from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class SandboxesConfig(AppConfig):
    name = "sandboxes"
    verbose_name = "Sandboxes"

    def ready(self) -> None:
        from sandboxes.engine import levels

        levels.test_below(settings.DATA_DIR)

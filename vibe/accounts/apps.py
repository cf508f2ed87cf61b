from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "vibe.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from vibe.accounts import log_filter
        from vibe.accounts.services import browsers

        log_filter.install()
        browsers.connect()

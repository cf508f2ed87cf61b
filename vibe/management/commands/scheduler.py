"""`manage.py scheduler`: the process that enqueues the periodic jobs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Enqueue the periodic jobs when they are due (started by `up`)."

    def handle(self, *args: Any, **options: Any) -> None:
        from vibe.embedded.scheduler import run

        run()

"""`manage.py worker sandboxes` and `manage.py worker chat`: the two worker processes."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

KINDS = {"sandboxes": "sandboxes.worker", "chat": "chat.worker"}
# A worker whose `up` was killed lets go of its node within this time (seconds).
LINGER = 15.0


class Command(BaseCommand):
    help = "Run the jobs of one kind until SIGTERM (started by `up`)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        from vibe.jobs.collecting import spare_collector
        from vibe.refusal import Refusal

        # The chat's libraries take seconds and 100 MB to load; the other worker must not pay.
        worker = import_module(KINDS[kind])
        spare_collector()
        deadline = time.monotonic() + LINGER
        while True:
            try:
                worker.run()
                return
            except Refusal as error:
                if error.code != "conflict" or time.monotonic() >= deadline:
                    self.stderr.write(str(error))
                    sys.exit(1)
                time.sleep(0.2)

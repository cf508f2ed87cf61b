"""`manage.py up`: the whole platform in one command."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text} is no port; it must be a number from 1 to 65535")
    return int(text)


class Command(BaseCommand):
    help = "Run the whole platform: Redis, web, workers, scheduler. Ctrl-C stops all of it."
    # The system checks import every page; the web process runs them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HTTP_HOST, help="Address to listen on.")
        parser.add_argument(
            "--port", type=port_number, default=settings.HTTP_PORT, help="Port to listen on."
        )
        parser.add_argument(
            "--no-browser", action="store_true", help="Do not open the browser when ready."
        )

    def handle(self, *args: Any, host: str, port: int, no_browser: bool, **options: Any) -> None:
        from vibe.embedded.instance import CannotStart
        from vibe.embedded.launcher import Launcher

        try:
            Launcher(host, port, browser=not no_browser).run()
        except CannotStart as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            return

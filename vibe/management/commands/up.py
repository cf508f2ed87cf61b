"""`manage.py up`: the whole platform in one command.

`vibe.commandline` starts it without Django; this is what `manage.py help` shows of it, and the
road of `call_command`.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from vibe.up import options as own


class Command(BaseCommand):
    help = own.HELP
    # The system checks import every page; the web process runs them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        own.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        from vibe.up.launcher import run

        browser = not options["no_browser"]
        run(options["host"], options["port"], browser=browser, reload=options["reload"])

"""`manage.py bench [words]`: the table of numbers, each beside a reference of the same run."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from vibe import env


class Command(BaseCommand):
    help = (
        "Measure what the platform promises and print one table. Words choose rows by name, as in "
        "`bench lines watchers`; options go to pytest."
    )
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Take the arguments as they are; only the words are ours."""
        if {"-h", "--help"} & set(argv[2:]):
            super().run_from_argv(argv)
            return
        self.handle(arguments=argv[2:])

    def handle(self, *args: Any, arguments: list[str] | None = None, **options: Any) -> None:
        given = arguments or []
        words = [argument for argument in given if not argument.startswith("-")]
        further = [argument for argument in given if argument.startswith("-")]
        chosen = ["-k", " or ".join(words)] if words else []
        os.chdir(settings.BASE_DIR)
        # As for `test`: the benchmarks choose a data directory of their own.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        env.forget_file()
        sys.stdout.flush()
        # One after the other and nothing beside it: what runs in parallel would be measured too.
        argv = ["-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "-m", "benchmark"]
        os.execv(sys.executable, [sys.executable, *argv, "tests/benchmarks", *chosen, *further])

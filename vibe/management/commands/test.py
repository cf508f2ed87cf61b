"""`manage.py test [pytest arguments]`: the test suite, after adding what the machine lacks."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from vibe import env


class Command(BaseCommand):
    help = "Run the test suite; every argument goes to pytest."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Take the arguments as they are: they are pytest's language, not Django's."""
        self.handle(arguments=argv[2:])

    def handle(self, *args: Any, arguments: list[str], **options: Any) -> None:
        from vibe.bootstrap.testneeds import provide

        provide(lambda line: print(line, file=sys.stderr, flush=True))
        os.chdir(settings.BASE_DIR)
        # Named in the environment, the settings would be read before the tests have chosen a data
        # directory of their own, and the tests would run on a person's.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        env.forget_file()
        sys.stdout.flush()
        words = [sys.executable, "-m", "pytest", *_parallel(arguments), *arguments]
        os.execv(sys.executable, words)


def _parallel(arguments: list[str]) -> list[str]:
    """Options that spread the test files over the processors, unless the person chose."""
    chosen = ("-n", "--dist", "--pdb", "-s", "--collect-only")
    measured = not {"benchmark", "battery"}.isdisjoint(arguments)
    alone = measured or any(word.startswith(chosen) for word in arguments)
    if alone:
        return []
    # A file's tests share its platform, so they stay together. Left to itself, xdist begins with
    # the files of most tests, and the long ones come last. One more than there are processors, as
    # much of a test is waiting for a sandbox, a browser or a server.
    workers = str(min((os.cpu_count() or 1) + 1, 8))
    return ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]

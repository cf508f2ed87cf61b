"""`manage.py draw_imports`: draws the pictures of docs/architecture.md from the imports."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Draw which rooms of the code import which, as docs/architecture/*.svg."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if find_spec("grimp") is None:
            raise CommandError(
                "The package grimp, which reads the imports, is not installed. It comes with the "
                "packages of the tests: python3 manage.py test --version"
            )
        from vibe.drawing import rooms, svg

        directory = settings.BASE_DIR / "docs" / "architecture"
        directory.mkdir(exist_ok=True)
        for house in rooms.read(settings.BASE_DIR):
            file = directory / f"{house.name}.svg"
            file.write_text(svg.drawn(house), encoding="utf-8")
            self.stdout.write(f"{file}: {len(house.ties)} arrows")

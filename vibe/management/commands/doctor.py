"""`manage.py doctor`: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Check everything that the platform needs; exit 1 when something required is broken."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from vibe.doctor.report import examine, render

        findings = examine()
        self.stdout.write(render(findings, coloured=self.style.SUCCESS("x") != "x"))
        if any(finding.broken for finding in findings):
            sys.exit(1)

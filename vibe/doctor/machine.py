"""Checks of the machine: interpreter, disk, the port."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator

from django.conf import settings

from vibe.doctor.finding import Finding
from vibe.up.instance import CannotStart, check_port, running_url

LEAST_DISK = 1 * 1024**3


def interpreter() -> Iterator[Finding]:
    version = platform.python_version()
    inside = sys.prefix != sys.base_prefix
    yield Finding("Python", True, f"{version} ({sys.executable})")
    if not inside:
        yield Finding(
            "Environment", False, "not a virtual environment",
            "Unset VIBE_BOOTSTRAP, so that manage.py makes .venv.", required=False,
        )  # fmt: skip


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield Finding(
        "Disk",
        free >= LEAST_DISK,
        f"{free / 1024**3:.1f} GB free in {settings.DATA_DIR}",
        "Free some space, or set VIBE_DATA_DIR to a directory on another disk.",
    )


def port() -> Iterator[Finding]:
    running = running_url(settings.DATA_DIR)
    if running:
        yield Finding("Port", True, f"Vibe runs at {running}")
        return
    try:
        check_port(settings.HTTP_HOST, settings.HTTP_PORT)
    except CannotStart as error:
        # `up --port` takes any other, so this is not fatal.
        problem, _, advice = str(error).partition(". ")
        yield Finding("Port", False, f"{problem}.", advice, required=False)
    else:
        yield Finding("Port", True, f"{settings.HTTP_PORT} is free")

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
GB = 1024**3


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


def disk_reserve() -> Iterator[Finding]:
    """What sandboxes leave free for the platform."""
    from sandboxes.host import reserve

    size, free = reserve.size(), reserve.free()
    if not size:
        yield Finding(
            "Disk reserve", False, "none: sandboxes may fill the disk until the platform stops",
            "Set VIBE_DISK_RESERVE_MB, or leave it out.", required=False,
        )  # fmt: skip
        return
    held = free >= size
    detail = f"{size / GB:.1f} GB stay free for the platform"
    if not held:
        detail += f"; only {free / GB:.1f} GB are, so nothing is written for users"
    yield Finding(
        "Disk reserve", held, detail,
        "Free some space, or set VIBE_DISK_RESERVE_MB to less.", required=False,
    )  # fmt: skip


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

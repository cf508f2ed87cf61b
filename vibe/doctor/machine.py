"""Checks of the machine: interpreter, disk, the programs that sandboxes can use, the port."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from vibe.doctor.finding import Finding
from vibe.embedded.instance import CannotStart, check_port, running_url

LEAST_DISK = 1 * 1024**3
# Program → how to ask its version, what to install, whether a sandbox is useless without it.
RUNTIMES = {
    "bash": (["--version"], "bash", True),
    "python3": (["--version"], "python3", True),
    "node": (["--version"], "nodejs", False),
    "npm": (["--version"], "npm", False),
    "git": (["--version"], "git", False),
    "curl": (["--version"], "curl", False),
}


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


def runtimes() -> Iterator[Finding]:
    with ThreadPoolExecutor() as pool:
        yield from pool.map(_runtime, RUNTIMES)


def _runtime(program: str) -> Finding:
    arguments, package, required = RUNTIMES[program]
    found = shutil.which(program)
    advice = f"Sandboxes cannot run {program}. Debian and Ubuntu: apt install {package}"
    if found is None:
        return Finding(program, False, "not found", advice, required)
    try:
        # A version manager's shim is on the PATH and yet may refuse to run.
        done = subprocess.run([found, *arguments], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(program, False, f"{found} does not run: {error}", advice, required)
    said = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines() or ["?"]
    if done.returncode != 0:
        return Finding(program, False, f"{found} fails: {said[0]}", advice, required)
    return Finding(program, True, f"{said[0][:40]} ({found})", required=required)

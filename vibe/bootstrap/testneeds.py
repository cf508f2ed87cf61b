"""What the tests need beyond Python packages, installed where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vibe import env

INSTALL = env.flag(
    "VIBE_TEST_INSTALL",
    default=bool(os.environ.get("CI")),
    help="Let `test` install more than a browser by apt: PostgreSQL, Node.js, git.",
)


@dataclass(frozen=True)
class Need:
    """programs: any of these on the PATH will do. package: what apt installs."""

    what: str
    programs: tuple[str, ...]
    package: str
    always: bool = False  # installed by root without being asked

    def met(self) -> bool:
        return any(shutil.which(name, path=SEARCHED) for name in self.programs)


# Debian keeps the server programs of PostgreSQL off the PATH.
_POSTGRESQL = sorted(str(place) for place in Path("/usr/lib/postgresql").glob("*/bin"))
SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), *_POSTGRESQL])
NEEDS = (
    Need("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium", always=True),
    Need("PostgreSQL", ("initdb",), "postgresql"),
    Need("Node.js", ("node",), "nodejs"),
    Need("npm", ("npm",), "npm"),
    Need("git", ("git",), "git"),
)


def provide(say: Callable[[str], None]) -> None:
    """Install by apt what is missing; what cannot be installed is said, its tests are skipped."""
    missing = [need for need in NEEDS if not need.met()]
    wanted = [need for need in missing if need.always or INSTALL]
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing for the tests: {', '.join(need.what for need in wanted)}")
        _apt([need.package for need in wanted])
    for need in missing:
        if need.always and not need.met():
            say(
                f"{need.what} is missing, so its tests are skipped. "
                f"Debian and Ubuntu: apt install {need.package}"
            )


def _apt(packages: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(argv, env=environment, capture_output=True, check=False)
        if done.returncode != 0:
            return False
    return True

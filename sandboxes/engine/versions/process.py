"""The host's side: starts the program and says what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .bounds import Bounds
from .staging import Staging

START = "import sys; sys.path.insert(0, sys.argv[1]); from versions.program import main; main()"
PACKAGE = Path(__file__).parent
SECONDS = 120.0
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class VersionFailed(Exception):
    """Why a version could not be made or restored, for people."""


@dataclass(frozen=True)
class Place:
    """Where the versions of one sandbox lie, and its workspace. `staging` is beside that, on the
    same file system."""

    versions: Path
    workspace: Path
    staging: Path

    @property
    def repository(self) -> Path:
        return self.versions / "git"

    @property
    def cache(self) -> Path:
        return self.versions / "seen.json"


@cache
def git() -> str:
    """The program of this machine. Raises VersionFailed."""
    found = shutil.which("git")
    if found is None:
        raise VersionFailed(
            "Versions need the program git, which this machine does not have. "
            "Ask the operator to install it."
        )
    return found


@cache
def libraries() -> list[str]:
    """Where the program finds pathspec and re2, without all that starting with them costs."""
    found = [find_spec(name) for name in ("pathspec", "re2")]
    return sorted({str(Path(one.origin).parents[1]) for one in found if one and one.origin})


def record(place: Place, name: str, *, base: str, always: bool, bounds: Bounds) -> dict[str, Any]:
    """Make the workspace the version `name`; unless `always`, only when something has changed.

    Its description as the program gives it; what changed is told against the commit `base`.
    Raises VersionFailed.
    """
    return _done(place, bounds, do="record", name=name, base=base, always=always)


def restore(
    place: Place,
    commit: str,
    *,
    name: str,
    before: str,
    base: str,
    keep_data: bool,
    bounds: Bounds,
) -> dict[str, Any]:
    """Let the workspace hold what the commit does, as the version `name`; what it holds now
    becomes the version `before`. Their descriptions, by "before" and "after".

    Once it has begun to change files it is done to its end, by `finish` or the next call with the
    same names. `settle` when its outcome is written down.
    """
    return _done(
        place,
        bounds,
        do="restore",
        commit=commit,
        name=name,
        before=before,
        base=base,
        keep_data=keep_data,
    )


def export(
    place: Place, commit: str, target: Path, staging: Path, without: Collection[str] = ()
) -> dict[str, Any]:
    """Put the files of a version, but for the paths `without`, into `target`, an empty directory
    that nobody else reaches, and let its owner own them. `staging` is used meanwhile, on the same
    file system. How many `files` they are and the `size` on the disk. Raises VersionFailed."""
    kept = Place(place.versions, target, staging)
    return _done(kept, Bounds(), do="export", commit=commit, without=sorted(without))


def finish(place: Place) -> bool:
    """Do to its end what a crash has cut off; whether there was something."""
    if not Staging(place.staging).is_pending:
        return False
    return bool(_done(place, Bounds(), do="finish")["finished"])


def prune(place: Place, kept: Collection[str]) -> int:
    """Keep only these versions, and pack what is left; the bytes that it takes then."""
    if not (place.repository / "HEAD").exists():
        return 0
    # Its sandbox may be gone, and with it the workspace.
    apart = Place(place.versions, place.versions, place.staging)
    return int(_done(apart, Bounds(), do="prune", kept=sorted(kept))["size"])


def settle(place: Place) -> None:
    """Forget the restore before: its outcome is written down, and the next one may begin."""
    Staging(place.staging).discard()


def _done(place: Place, bounds: Bounds, **order: Any) -> dict[str, Any]:
    program = git()
    place.versions.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        workspace = os.open(place.workspace, DIRECTORY)
    except OSError as error:
        raise VersionFailed(f"The workspace cannot be read: {error.strerror}.") from error
    try:
        told = _answer(
            {
                **order,
                "parent": os.getpid(),
                "libraries": libraries(),
                "git": program,
                "repository": str(place.repository),
                "cache": str(place.cache),
                "staging": str(place.staging),
                "workspace": workspace,
                "bounds": asdict(bounds),
            },
            workspace,
        )
    finally:
        os.close(workspace)
    if "done" not in told:
        raise VersionFailed(told.get("error") or "The program that makes versions broke off.")
    found: dict[str, Any] = told["done"]
    return found


def _answer(order: dict[str, Any], workspace: int) -> dict[str, Any]:
    arguments = [sys.executable, "-I", "-S", "-X", "utf8", "-c", START, str(PACKAGE.parent)]
    try:
        done = subprocess.run(
            [*arguments, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=[workspace],
            cwd="/",
            env={},
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise VersionFailed("It took too long, so it was broken off.") from error
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"error": done.stderr.decode("utf-8", "replace").strip()[-500:]}
    return told

"""Where the versions of a sandbox's files lie on this machine, and how much one holds."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from sandboxes.engine import directories
from sandboxes.engine.versions.bounds import Bounds
from sandboxes.engine.versions.process import Place, git
from sandboxes.engine.versions.store import Store
from sandboxes.host import shares
from sandboxes.models import Sandbox

STAGING = ".restore"  # beside the workspace, so that files can be moved from one into the other
MB = 1 << 20


def directory() -> Path:
    return settings.DATA_DIR / "versions"


def place_of(sandbox: Sandbox) -> Place:
    root = shares.root_of(sandbox)
    return Place(directory() / sandbox.id, root / directories.WORKSPACE, root / STAGING)


def store_of(sandbox: Sandbox) -> Store:
    """Its repository, to be read. Raises VersionFailed where there is no git."""
    return Store(place_of(sandbox).repository, git())


def bounds() -> Bounds:
    return Bounds(file_bytes=settings.VERSION_FILE_MB * MB, bytes=settings.VERSION_MB * MB)

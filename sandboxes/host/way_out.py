"""The way out of the sandboxes of this machine, and what it needs."""

from __future__ import annotations

import os
import threading
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from sandboxes.engine import levels, programs
from sandboxes.engine.egress import authority, inside
from sandboxes.engine.egress.discovery import everything
from sandboxes.engine.egress.spawning import ProxySettings
from sandboxes.host.registries import directory

# The proxy's host user when the platform is root: of the sandboxes' kind, and none of theirs.
PROXY_UID = 199_999
INSIDE_SECONDS = 60.0
# Sandboxes that start at once must not make two authorities, each with half of its files.
_making = threading.Lock()


def environment(level: str) -> dict[str, str]:
    """Variables that point programs in a sandbox to the way out; nothing where there is none."""
    if not levels.closes_network(level):
        return {}
    known = everything.load(directory())
    return inside.environment(dict(known.env) if known else {})


def home_files(level: str) -> dict[str, str]:
    """What a new home holds to the same end, for programs that only have files."""
    registry = environment(level).get(everything.NODE_REGISTRY)
    return programs.yarn_registry(registry) if registry else {}


def shared_directory() -> Path:
    """What every sandbox sees at inside.DIRECTORY, made and up to date."""
    path = directory() / "inside"
    with _making:
        if not path.is_dir():
            _write_inside.cache_clear()
        _write_inside(directory(), int(time.monotonic() / INSIDE_SECONDS))
    return path


def proxy_settings() -> ProxySettings:
    with _making:
        key, certificate = authority.load_or_make(directory())
    uid = PROXY_UID if os.geteuid() == 0 else None
    return ProxySettings(key, certificate, tuple(settings.EGRESS_NETWORKS), uid)


@lru_cache(maxsize=1)
def _write_inside(directory: Path, _moment: int) -> None:
    """Once in a moment: comparing all the certificates of this machine takes 3 ms."""
    _, certificate = authority.load_or_make(directory)
    inside.write(directory / "inside", certificate.decode())

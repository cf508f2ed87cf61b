"""The engine installed at another place, as a person might."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sandboxes.engine import levels
from sandboxes.engine.bubblewrap import binary

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def copied(target: Path) -> dict[str, str]:
    """An installation of the engine and its bubblewrap in `target`; its environment."""
    target.mkdir(parents=True)
    shutil.copytree(Path(levels.__file__).parent, target / "sandboxes/engine")
    (target / "sandboxes/__init__.py").touch()
    found = binary.candidates()[0]
    for directory in found.directories:
        shutil.copytree(directory, target / directory.name)
    return {"PYTHONPATH": str(target), "PATH": "/usr/bin:/bin"}

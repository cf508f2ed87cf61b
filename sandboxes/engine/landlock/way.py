"""Letting a sandbox's user through to its directories, where nothing can be mounted for it."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path


def open_way(top: Path, root: Path) -> None:
    """Let every user pass from `top` down to `root`, and nobody see what lies beside that way.

    Needed as root below level "full": sandboxes then have users of their own. What lies outside
    of `top` is not touched.
    """
    if os.geteuid() != 0:
        return
    root.mkdir(mode=0o711, parents=True, exist_ok=True)
    steps = [top]
    for name in root.relative_to(top).parts:
        steps.append(steps[-1] / name)
    for step, following in pairwise(steps):
        for entry in os.scandir(step):
            mode = entry.stat(follow_symlinks=False).st_mode & 0o777
            if Path(entry) != following and mode & 0o077 and not entry.is_symlink():
                os.chmod(entry, mode & 0o700)
        step.chmod(0o711)
    root.chmod(0o711)

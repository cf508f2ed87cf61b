"""Asking a package manager for its settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

SECONDS = 30.0


def ask(arguments: Sequence[str], env: Mapping[str, str] | None = None) -> str | None:
    """Standard output of a program that is found on PATH; None when it fails or is not there."""
    try:
        done = subprocess.run(
            list(arguments),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=dict(os.environ if env is None else env),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

"""A program and its arguments as the line that somebody typed, or would."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence

SHELLS = ("bash", "sh", "dash", "zsh")
# Options of a shell that has one line to run.
WITH_A_LINE = ("-c", "-lc", "-cl", "-ec", "-lec")


def as_typed(program: str, arguments: Sequence[str]) -> str:
    """Of a shell with one line to run that line itself; other words quoted where they must be."""
    shell = posixpath.basename(program) in SHELLS
    if shell and len(arguments) == 2 and arguments[0] in WITH_A_LINE and arguments[1].strip():
        return arguments[1].strip()
    return shlex.join([program, *arguments])

"""How a process is started, and what whoever started it needs of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vibe.up.parent import die_with_parent


class Process(Protocol):
    """returncode is None while it runs; negative: the signal that ended it."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int | None: ...

    def send_signal(self, number: signal.Signals) -> None:
        """Raises ProcessLookupError when it has ended."""


@dataclass(frozen=True)
class Program:
    """What is to be started. env is added to the environment of `up`."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


class Spawn(Protocol):
    async def __call__(self, program: Program, stdin: int, stdout: int, stderr: int) -> Process:
        """Start `program` on these descriptors, which stay the caller's to close.

        It leads a session of its own and ends with this process. Raises OSError.
        """


async def execute(program: Program, stdin: int, stdout: int, stderr: int) -> Process:
    """Start it as a process that shares nothing with this one; the plain `Spawn`."""
    return await asyncio.create_subprocess_exec(
        *program.argv,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, **program.env},
        cwd=program.cwd,
        # Ctrl-C goes to the terminal's whole group; the order of the stop is ours to give.
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )

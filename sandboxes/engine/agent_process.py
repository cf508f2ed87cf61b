"""How an agent is started, at any level: its interpreter, arguments and settings."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .limits import niceness, rlimits
from .spec import SandboxSpec

INTERPRETER = "/usr/bin/python3"
SOURCE = Path(__file__).parent / "agent"
START = "import sys; sys.path.insert(0, sys.argv[1]); from agent.main import main; main()"
READY_TIMEOUT = 15.0  # seconds; a start takes some 50 ms on an idle machine


@dataclass(frozen=True)
class Surroundings:
    """Where the agent finds its sandbox's directories; `isolated` is false on a bare host."""

    workspace: str
    home: str
    env: dict[str, str]
    isolated: bool
    identity: dict[str, Any] | None = None  # for agent.identity.Identity: whom commands run as
    confinement: dict[str, Any] | None = None  # for agent.confinement.enter; its filter in base 64


@cache
def compile_source() -> None:
    """Let the sandbox's interpreter compile the agent once, which halves the time to start.

    Inside, the source is read-only. Where we cannot write either, it is compiled at each start.
    """
    arguments = [INTERPRETER, "-I", "-S", "-m", "compileall", "-q", str(SOURCE)]
    try:
        subprocess.run(arguments, capture_output=True, timeout=READY_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired):
        pass


def command_line(
    interpreter: str | list[str], directory: str, listener: int, settings: int
) -> list[str]:
    """Arguments to start the agent whose package lies in `directory`.

    -I and -S: nothing that a sandbox can write decides what the agent imports.
    """
    python = [interpreter] if isinstance(interpreter, str) else interpreter
    options = [*python, "-I", "-S", "-c", START]
    return [*options, directory, str(listener), str(settings)]


def settings_file(spec: SandboxSpec, around: Surroundings) -> int:
    """Descriptor of an anonymous file with the agent's settings."""
    values = {
        "workspace": around.workspace,
        "home": around.home,
        "env": {**around.env, **spec.env},
        "timeout": spec.timeout,
        "rlimits": rlimits(spec.limits),
        "nice": niceness(),
        "isolated": around.isolated,
        "spare": spec.spare,
        "identity": around.identity,
        "confinement": around.confinement,
    }
    return anonymous_file("settings", json.dumps(values).encode())


def anonymous_file(name: str, content: bytes) -> int:
    """Descriptor of a file in memory, positioned at its start."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor

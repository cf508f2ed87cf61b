"""The Python that runs the agent where a sandbox may change its own /usr: this machine's.

It lies at BASE, read-only, with its loader and libraries, so that a sandbox whose Python or C
library was removed can still be used and repaired.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from .. import agent_process
from .argv import AGENT_DIRECTORY, BASE, ETC_CONTENT

LOADERS = {
    "x86_64": ("lib64/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu"),
    "aarch64": ("lib/ld-linux-aarch64.so.1", "lib/aarch64-linux-gnu"),
}


def command() -> list[str]:
    """The start of a command line that runs Python inside."""
    python = agent_process.INTERPRETER.replace("/usr", BASE, 1)
    loader, libraries = LOADERS.get(platform.machine(), ("", ""))
    if not loader or not (Path("/usr") / loader).exists():
        return [python]
    # The file itself: a link would lead into the sandbox's own system.
    found = (Path("/usr") / loader).resolve()
    if found.is_relative_to("/usr"):
        loader = str(found.relative_to("/usr"))
    path = ":".join(f"{BASE}/{name}" for name in (libraries, "lib64", "lib"))
    options = ["--inhibit-cache", "--library-path", path, "--argv0", python]
    return [f"{BASE}/{loader}", *options, python]


def sudo() -> str:
    """The program /usr/bin/sudo of a sandbox."""
    return f'#!/bin/sh\nexec {" ".join(command())} -I -S /run/vibe/agent/sudo.py "$@"\n'


def refusing_sudo() -> str:
    """The same where there is no root: it says so, and what to do instead."""
    return f'#!/bin/sh\nexec {agent_process.INTERPRETER} -I -S /run/vibe/agent/sudo.py "$@"\n'


def read_only_files(system: Path | None) -> dict[str, str]:
    """Small files of ours where this machine's directories are bound, by name in /etc or path."""
    program = refusing_sudo() if system is None else sudo()
    files = {**ETC_CONTENT, f"{AGENT_DIRECTORY}/bin/sudo": program}
    # Setuid: it would fail without a reason that helps.
    if os.path.exists((system or Path("/")) / "usr/bin/sudo"):
        files["/usr/bin/sudo"] = program
    return files

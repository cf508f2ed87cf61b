"""Which runtimes sandboxes of this node have, and which a program may ask for."""

from __future__ import annotations

import re
import subprocess
from functools import cache

from sandboxes.engine.spec import PATH
from sandboxes.services.errors import SandboxError

# Names of the one image that there is: what this machine has installed.
IMAGES = ("vercel/sandbox/universal", "vercel/sandbox")


@cache
def found() -> tuple[str, ...]:
    """Names such as node20 and python3.11, of what a sandbox finds on its PATH."""
    node = re.match(r"v(\d+)\.", _version("node"))
    python = re.match(r"Python (\d+\.\d+)\.", _version("python3"))
    names = [f"node{node[1]}"] if node else []
    return (*names, f"python{python[1]}") if python else tuple(names)


def default() -> str:
    return found()[0] if found() else "linux"


def check_runtime(name: str) -> None:
    """Raises SandboxError for a runtime that this machine does not have."""
    if name not in found():
        raise SandboxError(
            f"The runtime {name!r} is not installed on this server.",
            f"It has {', '.join(found()) or 'none'}; use one of them or leave `runtime` out.",
        )


def check_image(name: str) -> None:
    """Raises SandboxError for an image other than this machine's own."""
    base = name.partition("@")[0].partition(":")[0]
    if base not in IMAGES:
        raise SandboxError(
            f"The image {name!r} does not exist on this server.",
            f"Sandboxes have what the machine has installed; use {IMAGES[0]}:latest or "
            "leave `image` out.",
        )


def _version(program: str) -> str:
    try:
        done = subprocess.run(
            [program, "--version"],
            env={"PATH": PATH},
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout

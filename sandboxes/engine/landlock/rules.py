"""What a sandbox of level "reduced" may touch of this machine."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from ..bubblewrap.argv import ETC
from ..spec import SandboxSpec
from . import filter

# TCP ports of each sandbox; the first is its PORT, the last that of its proxy.
PORTS = 10
READ = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt"),
    # World-readable, and confined by the kernel to what any stranger sees: Landlock keeps the
    # memory, environment and open files of every process outside closed.
    "/proc",
    "/sys/devices/system/cpu",
    *(f"/etc/{name}" for name in ETC),
    *(f"/etc/{name}" for name in ("passwd", "group", "hosts", "nsswitch.conf", "resolv.conf")),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
# Of a user of its own the kernel keeps the terminals of others closed; an ordinary user's own
# terminals, in which passwords are typed, would be open.
TERMINALS = ("/dev/ptmx", "/dev/pts")


def proxy_port(spec: SandboxSpec) -> int:
    """Where the sandbox finds its way out; 0 for none."""
    return spec.first_port + PORTS - 1 if spec.first_port and spec.network else 0


def ports(spec: SandboxSpec) -> list[int]:
    """The TCP ports that are the sandbox's."""
    return list(range(spec.first_port, spec.first_port + PORTS)) if spec.first_port else []


def confinement(spec: SandboxSpec, workspace: Path, home: Path) -> dict[str, Any]:
    """For the agent's settings."""
    writable = [str(workspace), str(home)]
    devices = DEVICES + (TERMINALS if spec.uid is not None else ())
    return {
        "paths": [
            *((path, "read") for path in READ),
            *((path, "write") for path in writable),
            *((path, "device") for path in devices),
        ],
        "ports": ports(spec),
        "filter": base64.b64encode(filter.program()).decode(),
    }

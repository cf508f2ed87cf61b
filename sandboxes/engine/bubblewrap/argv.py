"""The arguments of bwrap: what a sandbox sees of this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .. import programs
from ..egress.inside import DIRECTORY
from ..spec import (
    ALIAS,
    HOME,
    PATH,
    RUNTIMES,
    TEMPORARY,
    USER,
    USER_ID,
    WORKSPACE,
    Limits,
    Mount,
)

AGENT_DIRECTORY = "/run/vibe"
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - its own
BASE = f"{AGENT_DIRECTORY}/usr"  # this machine's /usr, for the agent

# Nothing secret, and what programs need to find certificates, libraries and the time.
ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "debian_version", "fonts",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "magic", "mime.types", "os-release",
    "pki/tls/certs", "protocols", "services", "ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf",
    "terminfo", "timezone",
)  # fmt: skip

ETC_CONTENT = {
    "passwd": f"root:x:0:0:root:/root:/usr/sbin/nologin\n"
    f"{USER}:x:{USER_ID}:{USER_ID}::{HOME}:/bin/bash\n"
    f"{ALIAS}:x:{USER_ID}:{USER_ID}::{HOME}:/bin/bash\n"
    f"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": f"root:x:0:\n{USER}:x:{USER_ID}:\n{ALIAS}:x:{USER_ID}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "resolv.conf": "",
    "hostname": "sandbox\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
    "gitconfig": programs.git_settings(),
}

PARENTS = (
    "/etc",
    "/home",
    "/run",
    AGENT_DIRECTORY,
    f"{AGENT_DIRECTORY}/bin",
    "/var",
    str(Path(WORKSPACE).parent),
)
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True)
class Places:
    """Where bwrap finds what it binds, as paths that it can reach as the sandbox's user."""

    binary: Path
    agent: Path
    workspace: Path
    home: Path
    temporary: Path
    network: Path | None = None
    layers: dict[str, Path] | None = None  # of a sandbox that is root of its own
    mounts: tuple[Mount, ...] = ()
    runtimes: Path | None = None
    system: Path | None = None  # of the operator's, in place of this machine's


NAMESPACES = (
    "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net",
    "--hostname", "sandbox", "--new-session", "--clearenv", "--as-pid-1",
)  # fmt: skip


def isolation() -> list[str]:
    user = ("--unshare-user", "--uid", str(USER_ID), "--gid", str(USER_ID), "--disable-userns")
    return [*user, *NAMESPACES]


def filesystem(
    places: Places, limits: Limits, content: dict[str, int], system: list[str] | None = None
) -> list[str]:
    """Mounts, in order. `content` maps names to descriptors with their content, in /etc or
    absolute; `system` are mounts to begin with instead of this machine's directories."""
    read_only = system is None
    arguments = _read_only(content, places.system) if system is None else system
    shared = ((places.network, DIRECTORY), (places.runtimes, RUNTIMES))
    bound = [("--ro-bind", str(path), inside) for path, inside in shared if path is not None]
    return [
        *arguments,
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(shared_memory(limits)), "--tmpfs", SHARED_MEMORY),
        *("--bind", str(places.temporary), TEMPORARY),
        *(("--symlink", "../tmp", "/var/tmp") if read_only else ()),  # noqa: S108 - its own
        *("--ro-bind", str(places.agent), f"{AGENT_DIRECTORY}/agent"),
        *(word for words in bound for word in words),
        *("--bind", str(places.workspace), WORKSPACE),
        *("--bind", str(places.home), HOME),
        *_mounted(places.mounts),
        # What is left writable would be memory of the host without a limit.
        *("--remount-ro", "/dev"),
        *(("--remount-ro", "/") if read_only else ()),
        *("--chdir", WORKSPACE),
    ]


def _mounted(mounts: tuple[Mount, ...]) -> list[str]:
    arguments = []
    for mount in mounts:
        for parent in reversed(PurePosixPath(mount.inside).parents[:-1]):
            arguments += ["--perms", "0755", "--dir", str(parent)]
        how = "--ro-bind" if mount.read_only else "--bind"
        arguments += [how, str(mount.source), mount.inside]
    return arguments


def masked(content: dict[str, int]) -> list[str]:
    """Read-only files over those of the system, by path; the descriptors hold what they are."""
    arguments = []
    for name, descriptor in content.items():
        arguments += ["--perms", "0444", "--ro-bind-data", str(descriptor), name]
    return arguments


def shared_memory(limits: Limits) -> int:
    """Bytes of /dev/shm.

    What fills up a file system in memory cannot be killed to get the memory back, so it must
    leave enough of the sandbox's share for the agent.
    """
    return min(limits.shm_bytes, limits.memory_bytes // 4)


def _read_only(content: dict[str, int], system: Path | None) -> list[str]:
    root = system or Path("/")
    arguments = ["--ro-bind", str(root / "usr"), "/usr"]
    for name in PARENTS:  # made implicitly, they would be closed to everybody else
        arguments += ["--perms", "0755", "--dir", name]
    for name in MERGED:
        host, inside = root / name, f"/{name}"
        if host.is_symlink():
            arguments += ["--symlink", os.readlink(host), inside]
        elif host.is_dir():
            arguments += ["--ro-bind", str(host), inside]
    if system is not None:  # its own Python, if it has one, may be any
        arguments += ["--ro-bind", "/usr", BASE]
    for name in ETC:
        arguments += ["--ro-bind-try", str(root / "etc" / name), f"/etc/{name}"]
    for name, descriptor in content.items():
        inside = name if name.startswith("/") else f"/etc/{name}"
        mode = "0555" if name.startswith("/") else "0444"
        arguments += ["--perms", mode, "--ro-bind-data", str(descriptor), inside]
    return arguments


def base_environment() -> dict[str, str]:
    """What every command finds in its environment unless its sandbox says otherwise."""
    return {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", "USER": USER, "LOGNAME": USER,
            "SHELL": "/bin/bash"}  # fmt: skip

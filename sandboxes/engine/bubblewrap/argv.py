"""The arguments of bwrap: what a sandbox sees of this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..egress.inside import DIRECTORY
from ..spec import HOME, PATH, USER, USER_ID, WORKSPACE, Limits

AGENT_DIRECTORY = "/run/vibe"

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
    f"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": f"root:x:0:\n{USER}:x:{USER_ID}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "resolv.conf": "",
    "hostname": "sandbox\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
}

PARENTS = ("/etc", "/home", "/run", AGENT_DIRECTORY, "/var", str(Path(WORKSPACE).parent))
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True)
class Places:
    """Where bwrap finds what it binds, as paths that it can reach as the sandbox's user."""

    binary: Path
    agent: Path
    workspace: Path
    home: Path
    network: Path | None = None


def isolation() -> list[str]:
    return [
        *("--unshare-user", "--uid", str(USER_ID), "--gid", str(USER_ID)),
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--unshare-net", "--disable-userns", "--hostname", "sandbox"),
        *("--new-session", "--clearenv", "--as-pid-1"),
    ]


def filesystem(places: Places, limits: Limits, content: dict[str, int]) -> list[str]:
    """Mounts, in order. `content` maps names in /etc to descriptors with their content."""
    # What fills up a file system in memory cannot be killed to get the memory back, so these
    # must leave enough of the sandbox's share for the agent.
    shm = min(limits.shm_bytes, limits.memory_bytes // 4)
    tmp = min(limits.tmp_bytes, limits.memory_bytes // 2)
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in PARENTS:  # made implicitly, they would be closed to everybody else
        arguments += ["--perms", "0755", "--dir", name]
    for name in MERGED:
        host = Path("/") / name
        if host.is_symlink():
            arguments += ["--symlink", os.readlink(host), str(host)]
        elif host.is_dir():
            arguments += ["--ro-bind", str(host), str(host)]
    for name in ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    network = [] if places.network is None else ["--ro-bind", str(places.network), DIRECTORY]
    for name, descriptor in content.items():
        arguments += ["--perms", "0444", "--ro-bind-data", str(descriptor), f"/etc/{name}"]
    return [
        *arguments,
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(shm), "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--perms", "1777", "--size", str(tmp), "--tmpfs", "/tmp"),  # noqa: S108
        *("--symlink", "../tmp", "/var/tmp"),  # noqa: S108
        *("--ro-bind", str(places.agent), f"{AGENT_DIRECTORY}/agent"),
        *network,
        *("--bind", str(places.workspace), WORKSPACE),
        *("--bind", str(places.home), HOME),
        # What is left writable would be memory of the host without a limit.
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", WORKSPACE),
    ]


def base_environment() -> dict[str, str]:
    """What every command finds in its environment unless its sandbox says otherwise."""
    return {"HOME": HOME, "PATH": PATH, "LANG": "C.UTF-8", "USER": USER, "LOGNAME": USER,
            "SHELL": "/bin/bash"}  # fmt: skip

"""The system directories of a sandbox that is root of its own: layers over this machine's."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from ..errors import EngineError
from ..spec import RANGE, SandboxSpec
from . import argv, skeleton
from .mounts import Source

# Where each layer lies inside, and the sources below it, the lowest first.
LAYERS = {
    "usr": ("/usr", ("+host-usr", "+skeleton/usr")),
    "etc": ("/etc", ("+skeleton/etc",)),
    "var": ("/var", ("+skeleton/var",)),
    # Which packages there are: this machine's, since /usr is.
    "dpkg": ("/var/lib/dpkg", ("+host-dpkg",)),
    "apt": ("/var/lib/apt", ("+host-apt",)),
}
HOST = {"+host-usr": "usr", "+host-dpkg": "var/lib/dpkg", "+host-apt": "var/lib/apt"}
MACHINE = Path("/")  # where these are, unless the operator has another system for sandboxes
# Of its root directory: what is mounted upon must be a directory, whatever the sandbox made of it.
MOUNT_POINTS = ("usr", "etc", "var", "proc", "dev", "tmp", "run", "home", "vercel")
PLAIN = {"root": 0o700, "opt": 0o755, "srv": 0o755, "mnt": 0o755, "media": 0o755}
RUN_BYTES = 32 << 20
# What bwrap must leave to the agent, which gives up all else itself: see agent.privileges.
CAPABILITIES = (
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETPCAP", "CAP_SETFCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_AUDIT_WRITE",
)  # fmt: skip


def prepare(spec: SandboxSpec) -> Path:
    """Make the directories of the layers, owned by the sandbox's range; returns their parent."""
    assert spec.base is not None
    system = spec.root / "system"
    system.mkdir(mode=0o755, exist_ok=True)
    top = _own(system / "top", spec.base)
    root = spec.system or MACHINE
    if not (root / "usr").is_dir():
        raise EngineError(
            f"{root} is no root file system: it has no directory usr.",
            "Correct VIBE_SANDBOX_ROOT, or leave it out.",
        )
    for name in _layers(_present(root)):
        (system / name).mkdir(mode=0o755, exist_ok=True)
        for part in ("upper", "work"):
            _own(system / name / part, spec.base)
    for name in MOUNT_POINTS:
        _directory(top / name, spec.base, 0o755)
    for name, mode in PLAIN.items():
        if not os.path.lexists(top / name):
            _directory(top / name, spec.base, mode)
    for name in argv.MERGED:
        host = root / name
        if host.is_symlink() and not os.path.lexists(top / name):
            (top / name).symlink_to(os.readlink(host))
            os.chown(top / name, spec.base, spec.base, follow_symlinks=False)
    return system


def sources(system: Path, place: Path, root: Path, namespace: int) -> dict[str, Source]:
    """What has to be staged: the lower layers with their owners mapped, the upper ones."""
    found = {name: Source(root / HOST[name], namespace) for name in _present(root)}
    found["+skeleton"] = Source(skeleton.directory(place, root), namespace)
    found["+usr"] = Source(Path("/usr"))
    found["+system"] = Source(system)
    return found


def filesystem(paths: dict[str, Path]) -> list[str]:
    system = paths["+system"]
    arguments = ["--bind", str(system / "top"), "/"]
    for name, (inside, lower) in _layers(paths.keys()).items():
        for source in lower:
            first, _, rest = source.partition("/")
            arguments += ["--overlay-src", str(paths[first] / rest)]
        upper, work = system / name / "upper", system / name / "work"
        arguments += ["--overlay", str(upper), str(work), inside]
    return [
        *arguments,
        *("--perms", "0755", "--size", str(RUN_BYTES), "--tmpfs", "/run"),
        *("--perms", "1777", "--dir", "/run/lock"),
        *("--perms", "0755", "--dir", argv.AGENT_DIRECTORY),
        *("--ro-bind", str(paths["+usr"]), argv.BASE),
    ]


def isolation() -> list[str]:
    kept = [word for name in CAPABILITIES for word in ("--cap-add", name)]
    return [*argv.NAMESPACES, *kept]


def _present(root: Path) -> set[str]:
    return {name for name, path in HOST.items() if (root / path).is_dir()}


def _layers(present: Collection[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        name: (inside, lower)
        for name, (inside, lower) in LAYERS.items()
        if all(not source.startswith("+host") or source in present for source in lower)
    }


def _own(path: Path, base: int) -> Path:
    """A directory of the sandbox's root; what a copy brought of another range is refused."""
    path.mkdir(mode=0o755, exist_ok=True)
    owner = path.lstat()
    if owner.st_uid != base:
        if owner.st_uid not in (0, base) and not base <= owner.st_uid < base + RANGE:
            raise EngineError(
                "The system directories of this sandbox belong to another one.",
                "Restore it from a snapshot, or create a new sandbox.",
            )
        os.chown(path, base, base, follow_symlinks=False)
    return path


def _directory(path: Path, base: int, mode: int) -> None:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        path.unlink()
    if not path.exists():
        path.mkdir(mode=mode)
        os.chown(path, base, base, follow_symlinks=False)

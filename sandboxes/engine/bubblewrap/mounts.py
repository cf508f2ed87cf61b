"""A private view of the host's file system for one thread, so that a sandbox's user reaches
what lies below directories that only root may enter."""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
# The same numbers on every architecture.
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
OPEN_TREE_CLONE, AT_EMPTY_PATH, AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH = 1, 0x1000, -100, 4
ATTRIBUTES = 0x1 | 0x2 | 0x4 | 0x00100000  # read-only, nosuid, nodev, idmap
# Exists everywhere, and nothing that a sandbox binds lies below it. Only the thread's own view.
STAGE = Path("/tmp")  # noqa: S108 - nothing is written there

Result = TypeVar("Result")


@dataclass(frozen=True)
class Source:
    """A directory to show. `namespace` is the descriptor of a user namespace: the owners of the
    files are then seen as its mapping says, read-only."""

    path: Path
    namespace: int | None = None


def staged(sources: dict[str, Source], action: Callable[[dict[str, Path]], Result]) -> Result:
    """Run `action` where every source is mounted at a path that anybody can reach.

    `action` gets those paths by the names of the sources. It runs in a thread that has left the
    process's mount namespace; processes that it starts stay in the new one, the thread ends. So
    nothing has to be unmounted, and the rest of this process sees no difference. Needs root.
    Raises what `action` raises, and OSError where mounting is forbidden.
    """
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(action(_stage(sources)))
        except BaseException as error:  # handed on to the caller
            failure.append(error)

    thread = threading.Thread(target=run, name="staged-mounts")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def _stage(sources: dict[str, Source]) -> dict[str, Path]:
    _check(_libc().unshare(CLONE_NEWNS))
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    # Opened before the stage covers /tmp: a source may lie there.
    opened = {
        name: os.open(source.path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        for name, source in sources.items()
    }
    try:
        _mount("none", str(STAGE), "tmpfs", 0, "mode=0755,size=64k")
        for name, descriptor in opened.items():
            target = STAGE / name
            target.mkdir(mode=0o755)
            namespace = sources[name].namespace
            if namespace is None:
                _mount(f"/proc/self/fd/{descriptor}", str(target), "", MS_BIND | MS_REC)
            else:
                _mount_mapped(descriptor, target, namespace)
    finally:
        for descriptor in opened.values():
            os.close(descriptor)
    return {name: STAGE / name for name in sources}


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode())
    _check(_libc().mount(*arguments, ctypes.c_ulong(flags), data.encode()))


def _mount_mapped(directory: int, target: Path, namespace: int) -> None:
    """Mount a directory with its owners mapped; raises OSError where its file system cannot."""
    call = _libc().syscall
    flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | os.O_CLOEXEC
    clone = call(OPEN_TREE, directory, b"", ctypes.c_uint(flags))
    _check(clone)
    try:
        attributes = struct.pack("=QQQQ", ATTRIBUTES, 0, 0, namespace)
        size = ctypes.c_size_t(len(attributes))
        _check(call(MOUNT_SETATTR, clone, b"", AT_EMPTY_PATH, attributes, size))
        where = str(target).encode()
        _check(call(MOVE_MOUNT, clone, b"", AT_FDCWD, where, MOVE_MOUNT_F_EMPTY_PATH))
    finally:
        os.close(clone)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

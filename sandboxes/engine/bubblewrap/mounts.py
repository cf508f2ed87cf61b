"""A private view of the host's file system for one thread, so that a sandbox's user reaches
what lies below directories that only root may enter."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
# Exists everywhere, and nothing that a sandbox binds lies below it. Only the thread's own view.
STAGE = Path("/tmp")  # noqa: S108

Result = TypeVar("Result")


def staged(sources: dict[str, Path], action: Callable[[dict[str, Path]], Result]) -> Result:
    """Run `action` where every source (a directory) is bound to a path anybody can reach.

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


def _stage(sources: dict[str, Path]) -> dict[str, Path]:
    _check(_libc().unshare(CLONE_NEWNS))
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    # Opened before the stage covers /tmp: a source may lie there.
    opened = {
        name: os.open(source, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        for name, source in sources.items()
    }
    try:
        _mount("none", str(STAGE), "tmpfs", 0, "mode=0755,size=64k")
        for name, descriptor in opened.items():
            target = STAGE / name
            target.mkdir(mode=0o755)
            _mount(f"/proc/self/fd/{descriptor}", str(target), "", MS_BIND)
    finally:
        for descriptor in opened.values():
            os.close(descriptor)
    return {name: STAGE / name for name in sources}


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode())
    _check(_libc().mount(*arguments, ctypes.c_ulong(flags), data.encode()))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

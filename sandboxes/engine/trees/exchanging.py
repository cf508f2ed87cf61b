"""Two directories that take each other's name."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h
CANNOT = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def exchange_directories(first: Path, second: Path, *, aside: Path) -> None:
    """Let each be at the other's path, from one moment to the next.

    Where the file system cannot do that, in steps, with `second` at `aside` in between. Raises
    OSError, and FileNotFoundError when one of them is not there.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0:
        return
    code = ctypes.get_errno()
    if code not in CANNOT:
        raise OSError(code, os.strerror(code), str(first), None, str(second))
    second.rename(aside)
    first.rename(second)
    aside.rename(first)

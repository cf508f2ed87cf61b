"""openat2(2), which the standard library lacks: open a path that cannot lead out of a directory."""

from __future__ import annotations

import ctypes
import errno
import os

SYS_OPENAT2 = 437  # the same number on every architecture
RESOLVE_NO_MAGICLINKS, RESOLVE_BENEATH = 0x02, 0x08
MISSING = (errno.ENOSYS, errno.EPERM)  # an old kernel; a filter that does not know the call
TRIES = 64  # EAGAIN: something was renamed meanwhile


class OpenHow(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("flags", "mode", "resolve")]


_library = None


def open_beneath(directory: int, name: str, flags: int, mode: int = 0) -> int:
    """Open the one component `name` in `directory`, not through a link; raises OSError.

    Without openat2 the same holds, because a single name that is no link cannot lead anywhere.
    """
    if "/" in name or name == "..":
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    how = OpenHow(flags, mode, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
    encoded = os.fsencode(name)
    if b"\0" in encoded:
        raise ValueError("embedded null byte")
    for _ in range(TRIES):
        found = _openat2(directory, encoded, how)
        if found >= 0:
            return found
        number = ctypes.get_errno()
        if number in MISSING:
            return os.open(name, flags, mode, dir_fd=directory)
        if number not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(number, os.strerror(number))


def _openat2(directory: int, name: bytes, how: OpenHow) -> int:
    global _library
    if _library is None:
        _library = ctypes.CDLL(None, use_errno=True)
    size = ctypes.c_size_t(ctypes.sizeof(how))
    return _library.syscall(
        ctypes.c_long(SYS_OPENAT2), ctypes.c_int(directory), name, ctypes.byref(how), size
    )

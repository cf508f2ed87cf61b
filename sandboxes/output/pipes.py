"""Moving a command's bytes between pipes without losing them when this process dies.

A batch goes: command's pipe → (splice) an in-flight pipe that the agent keeps open → (tee) a pipe
of this process → read → Redis → and only then the in-flight pipe is emptied. In front of the bytes
the in-flight pipe holds a header that says of which stream they are and at which offset they
begin; so whoever takes over sees whether Redis has them already.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
from dataclasses import dataclass

BATCH_BYTES = 256 * 1024
PIPE_BYTES = 1024 * 1024
_SPLICE_F_NONBLOCK = 0x02
_libc = ctypes.CDLL(None, use_errno=True)
_libc.splice.argtypes = [
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_uint,
]
_libc.splice.restype = ctypes.c_ssize_t
_libc.tee.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_size_t, ctypes.c_uint]
_libc.tee.restype = ctypes.c_ssize_t

HEADER = struct.Struct(">BQ")


@dataclass(frozen=True)
class InFlight:
    """What an in-flight pipe holds."""

    stream: int
    offset: int
    data: bytes


class ScratchPipe:
    """A pipe of this process, through which in-flight bytes are read without consuming them."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self.capacity = fcntl.fcntl(self._write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        except OSError:  # an ordinary user has a budget for all pipes together
            self.capacity = fcntl.fcntl(self._write, fcntl.F_GETPIPE_SZ)

    def fit(self, pipe: int) -> None:
        """Make sure that everything an in-flight pipe can hold fits in here."""
        if fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) > self.capacity:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, self.capacity)

    def peek(self, pipe: int) -> InFlight | None:
        """What the in-flight pipe holds, left where it is; None when there are no bytes in it."""
        left = _checked(_libc.tee(pipe, self._write, self.capacity, _SPLICE_F_NONBLOCK)) or 0
        pieces: list[bytes] = []
        while left > 0:
            pieces.append(os.read(self._read, left))
            left -= len(pieces[-1])
        held = b"".join(pieces)
        if len(held) <= HEADER.size:
            return None
        stream, offset = HEADER.unpack_from(held)
        return InFlight(stream, offset, held[HEADER.size :])

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


def fill(source: int, in_flight: int, stream: int, offset: int) -> int | None:
    """Move what `source` has into the empty in-flight pipe, behind a header.

    Returns the number of bytes, 0 at the end of `source`, None when it has none just now.
    """
    os.write(in_flight, HEADER.pack(stream, offset))
    return add(source, in_flight)


def add(source: int, in_flight: int) -> int | None:
    """Move what `source` has behind what the in-flight pipe holds of it already; as `fill`."""
    return _checked(_libc.splice(source, None, in_flight, None, BATCH_BYTES, _SPLICE_F_NONBLOCK))


def empty(pipe: int) -> None:
    """Consume all that a non-blocking pipe holds."""
    try:
        while os.read(pipe, PIPE_BYTES):
            pass
    except BlockingIOError:
        return


def consume(pipe: int, size: int) -> None:
    """Consume so many bytes, which a non-blocking pipe should hold."""
    try:
        while size > 0 and (data := os.read(pipe, size)):
            size -= len(data)
    except BlockingIOError:
        return


def _checked(result: int) -> int | None:
    """The result of a system call; None where it would have had to wait."""
    if result >= 0:
        return result
    code = ctypes.get_errno()
    if code == errno.EAGAIN:
        return None
    raise OSError(code, os.strerror(code))

"""The bytes of one file, copied: shared where the file system can, else without its holes."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable

FICLONE = 0x40049409  # linux/fs.h
STEP = 8 << 20
NO_CLONE = (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.EPERM, errno.EBADF)
NO_RANGE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


class ContentCopy:
    """Copies between two file systems; learns once what they can do."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        """`advance` hears of every few megabytes and may raise to break off."""
        self._advance = advance
        self._clones = True
        self._ranges = True

    def copy(self, source: int, target: int, size: int, allocated: int) -> None:
        """Fill the empty file `target` with what `source` holds. `allocated`: bytes on disk."""
        if size == 0 or (self._clones and self._clone(source, target)):
            return
        if allocated >= size:
            self._range(source, target, 0, size)
        else:
            self._sparse(source, target, size)
            os.ftruncate(target, size)

    def _clone(self, source: int, target: int) -> bool:
        try:
            fcntl.ioctl(target, FICLONE, source)
        except OSError as error:
            if error.errno not in NO_CLONE:
                raise
            self._clones = False
        return self._clones

    def _sparse(self, source: int, target: int, size: int) -> None:
        position = 0
        while position < size:
            try:
                start = os.lseek(source, position, os.SEEK_DATA)
                position = min(os.lseek(source, start, os.SEEK_HOLE), size)
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                    return
                raise
            self._range(source, target, start, position)

    def _range(self, source: int, target: int, start: int, end: int) -> None:
        while start < end:
            count = self._some(source, target, start, min(STEP, end - start))
            if count == 0:  # it has become shorter
                return
            start += count
            self._advance(count)

    def _some(self, source: int, target: int, offset: int, count: int) -> int:
        if self._ranges:
            try:
                return os.copy_file_range(source, target, count, offset, offset)
            except OSError as error:
                if error.errno not in NO_RANGE:
                    raise
                self._ranges = False
        data = os.pread(source, min(count, 1 << 20), offset)
        written = 0
        while written < len(data):
            written += os.pwrite(target, data[written:], offset + written)
        return written

"""What a file system keeps of a file besides its content: owner, attributes, mode and times."""

from __future__ import annotations

import errno
import os
import stat

from .ids import Shift

# What an ordinary user may not set is not the user's to lose.
REFUSED = (errno.EPERM, errno.EACCES)


class Metadata:
    """Copies it from file to file. `shift` moves the owners, which only root can set."""

    def __init__(self, shift: Shift | None) -> None:
        self._shift = shift
        self._root = os.geteuid() == 0

    def copy(self, info: os.stat_result, source: int, target: int, closed_mode: int | None) -> None:
        """Owner, attributes, mode and times, in the order in which they survive each other."""
        if self._root:
            os.fchown(target, *self._owner(info))
        self._attributes(source, target)
        mode = stat.S_IMODE(info.st_mode) if closed_mode is None else closed_mode
        os.fchmod(target, mode)
        os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))

    def copy_by_name(self, info: os.stat_result, source: int, target: int, name: str) -> None:
        """The same for `name` in two directories, which cannot be opened. Nobody else can write to
        the target."""
        link = stat.S_ISLNK(info.st_mode)
        if self._root:
            os.chown(name, *self._owner(info), dir_fd=target, follow_symlinks=False)
        self._attributes(_by_name(source, name), _by_name(target, name))
        if not link:
            os.chmod(name, stat.S_IMODE(info.st_mode), dir_fd=target)
        times = info.st_atime_ns, info.st_mtime_ns
        os.utime(name, ns=times, dir_fd=target, follow_symlinks=False)

    def _owner(self, info: os.stat_result) -> tuple[int, int]:
        if self._shift is None:
            return info.st_uid, info.st_gid
        return self._shift.id(info.st_uid), self._shift.id(info.st_gid)

    def _attributes(self, source: int | str, target: int | str) -> None:
        options = {"follow_symlinks": False} if isinstance(source, str) else {}
        try:
            names = os.listxattr(source, **options)
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:
                raise
            return
        for name in names:
            value = os.getxattr(source, name, **options)
            if self._shift is not None:
                value = self._shift.attribute(name, value)
            try:
                os.setxattr(target, name, value, **options)
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP and (self._root or error.errno not in REFUSED):
                    raise


def _by_name(directory: int, name: str) -> str:
    return f"/proc/self/fd/{directory}/{name}"

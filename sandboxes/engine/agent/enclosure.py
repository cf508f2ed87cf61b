"""The files of a sandbox that shares its file system with others: only what is its own."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping

from .beneath import open_beneath
from .frames import Failure
from .places import Place, Spot, checked

MAX_LINKS = 40  # as many as the kernel follows


class Beneath(Place):
    """Only what lies below the directories of a sandbox, wherever its links point.

    `roots` maps absolute names, as sandboxed programs write them, to descriptors. The relative
    ones count from `workspace`, which is one of the descriptors.
    """

    def __init__(self, workspace: int, roots: Mapping[str, int]) -> None:
        self.workspace = workspace
        self.roots = {tuple(_parts(name)): root for name, root in roots.items()}
        self.names = {root: name for name, root in roots.items()}

    def find(self, path: str, follow: bool = True, make: bool = False) -> Spot:
        root, rest = self._split(checked(path))
        held = [os.dup(root)]
        try:
            return self._walk(held, rest[::-1], follow, make)
        finally:
            for descriptor in held:
                os.close(descriptor)

    def shown(self, path: str) -> str:
        root, rest = self._split(path)
        rest = _parts(os.path.normpath("/".join(rest))) if rest else []
        if root == self.workspace:
            return "/".join(rest)
        return "/".join([self.names[root], *rest])

    def tops(self) -> list[os.stat_result]:
        return [os.fstat(root) for root in set(self.roots.values())]

    def set_closed_mode(self, spot: Spot, mode: int) -> None:
        # chmod(2) follows links, and there is no other one that needs no permission to read.
        descriptor = spot.open(os.O_PATH)
        try:
            if stat.S_ISLNK(os.fstat(descriptor).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            os.chmod(f"/proc/self/fd/{descriptor}", mode)
        finally:
            os.close(descriptor)

    def _split(self, path: str) -> tuple[int, list[str]]:
        parts = _parts(path)
        if not path.startswith("/"):
            return self.workspace, parts
        for length in range(len(parts), 0, -1):
            root = self.roots.get(tuple(parts[:length]))
            if root is not None:
                return root, parts[length:]
        raise _outside()

    def _walk(self, held: list[int], pending: list[str], follow: bool, make: bool) -> Spot:
        """Go down (and up again) component by component. `held`: the directories from the root
        to here. `pending`: what is still to go, the next one last."""
        links = 0
        while pending:
            part = pending.pop()
            if part == "..":
                if len(held) == 1:
                    raise _outside()
                os.close(held.pop())
                continue
            if not pending and not follow:
                return Spot(os.dup(held[-1]), part)
            try:
                found = open_beneath(held[-1], part, os.O_PATH)
            except FileNotFoundError:
                if not pending:
                    return Spot(os.dup(held[-1]), part)
                if not make:
                    raise
                self.making()
                _make_directory(held[-1], part)
                pending.append(part)
                continue
            held.append(found)
            mode = os.fstat(found).st_mode
            if stat.S_ISDIR(mode) and pending:
                continue
            if stat.S_ISLNK(mode):
                links += 1
                if links > MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                target = os.readlink("", dir_fd=found)
                os.close(held.pop())
                pending += self._redirected(held, target)
                continue
            os.close(held.pop())
            if pending:
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            return Spot(os.dup(held[-1]), part)
        return Spot(os.dup(held[-1]), ".")

    def _redirected(self, held: list[int], target: str) -> list[str]:
        """What a link's target adds to the way, in reverse; an absolute one starts anew."""
        root, rest = self._split(checked(target))
        if target.startswith("/"):
            while held:
                os.close(held.pop())
            held.append(os.dup(root))
        return rest[::-1]


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _make_directory(parent: int, name: str) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=parent)
    except FileExistsError:  # somebody else was faster
        pass


def _outside() -> Failure:
    return Failure("denied", "The path lies outside the sandbox.")

"""Where paths lead: to a directory that is held open and a name in it.

Every operation works on such a pair, so what it has found cannot be exchanged under its hands.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from typing import NamedTuple

from .beneath import open_beneath
from .frames import Failure
from .settings import PUBLIC_HOME, PUBLIC_WORKSPACE, Settings

MAX_PATH = 4095  # of the kernel
MAX_LINKS = 40  # as many as the kernel follows
DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
ESCAPED = re.compile(r"\\x([89a-f][0-9a-f])")  # how listings show bytes that are no UTF-8


class Spot(NamedTuple):
    """`name` in the directory `directory` (a descriptor); "." is the directory itself."""

    directory: int
    name: str

    def stat(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)

    def exists(self) -> bool:
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def open(self, flags: int, mode: int = 0) -> int:
        """Open it without waiting for anybody (a FIFO's other side) and not through a link."""
        if not flags & os.O_PATH:
            flags |= os.O_NONBLOCK | os.O_NOCTTY
        return open_beneath(self.directory, self.name, flags, mode)


class Place:
    """The files that a request may reach."""

    def find(self, path: str, follow: bool = True, make: bool = False) -> Spot:
        """The spot of a path, which need not exist; raises OSError and Failure.

        `follow`: of a link, the spot of what it points to. `make`: missing parents are made.
        """
        raise NotImplementedError

    def shown(self, path: str) -> str:
        """The path as listings name it: relative to the workspace, or absolute outside of it."""
        raise NotImplementedError

    def tops(self) -> list[os.stat_result]:
        """The directories that belong to the sandbox itself and cannot be removed."""
        raise NotImplementedError

    def set_closed_mode(self, spot: Spot, mode: int) -> None:
        """Set the mode of a file that we may not read ourselves."""
        raise NotImplementedError

    def existing(self, path: str, follow: bool = True) -> Spot:
        """The spot of something that is there, also by the escaped form of its name."""
        try:
            spot = self.find(path, follow)
            if spot.exists() or not ESCAPED.search(path):
                return spot
        except FileNotFoundError:
            if not ESCAPED.search(path):
                raise
        raw = ESCAPED.sub(lambda found: chr(0xDC00 + int(found[1], 16)), path)
        return self.find(raw, follow)

    def is_top(self, info: os.stat_result) -> bool:
        return any(os.path.samestat(info, top) for top in self.tops())


class World(Place):
    """The whole file system of a sandbox in its own mount namespace, where no path does harm."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def find(self, path: str, follow: bool = True, make: bool = False) -> Spot:
        located = _checked(self.settings.locate(path))
        name = os.path.basename(located.rstrip("/"))
        if follow or name in ("", ".", ".."):
            located = os.path.realpath(located)
        else:
            parent = os.path.realpath(os.path.dirname(located.rstrip("/")))
            located = os.path.join(parent, name)
        parent, name = os.path.split(located)
        if make:
            os.makedirs(parent, exist_ok=True)
        return Spot(os.open(parent, DIRECTORY), name or ".")

    def shown(self, path: str) -> str:
        located = os.path.normpath(self.settings.locate(path))
        top = self.settings.workspace
        if located == top:
            return ""
        return located[len(top) + 1 :] if located.startswith(top + "/") else located

    def tops(self) -> list[os.stat_result]:
        return [os.stat(path) for path in ("/", self.settings.workspace, self.settings.home)]

    def set_closed_mode(self, spot: Spot, mode: int) -> None:
        os.chmod(spot.name, mode, dir_fd=spot.directory)


class Beneath(Place):
    """Only what lies below the directories of a sandbox, wherever its links point.

    `roots` maps absolute names, as sandboxed programs write them, to descriptors. The relative
    ones count from `workspace`, which is one of the descriptors.
    """

    def __init__(self, workspace: int, roots: Mapping[str, int]) -> None:
        self.workspace = workspace
        self.roots = {tuple(_parts(name)): root for name, root in roots.items()}

    def find(self, path: str, follow: bool = True, make: bool = False) -> Spot:
        root, rest = self._split(_checked(path))
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
        return "/".join([PUBLIC_HOME, *rest])

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
        root, rest = self._split(_checked(target))
        if target.startswith("/"):
            while held:
                os.close(held.pop())
            held.append(os.dup(root))
        return rest[::-1]


def place_of(settings: Settings) -> Place:
    """What the agent of a running sandbox may reach.

    Without a mount namespace only the sandbox's own directories (a safety net, not a wall:
    commands can reach more).
    """
    if settings.isolated:
        return World(settings)
    workspace, home = (os.open(path, DIRECTORY) for path in (settings.workspace, settings.home))
    names = {PUBLIC_WORKSPACE: workspace, settings.workspace: workspace, settings.home: home}
    for path, root in ((settings.workspace, workspace), (settings.home, home)):
        names[os.path.realpath(path)] = root
    return Beneath(workspace, names)


def _checked(path: str) -> str:
    if "\0" in path:
        raise Failure("invalid_path", "A path cannot contain the character NUL.")
    if len(os.fsencode(path)) > MAX_PATH:
        raise Failure("invalid_path", "The path is too long.")
    return path


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _make_directory(parent: int, name: str) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=parent)
    except FileExistsError:  # somebody else was faster
        pass


def _outside() -> Failure:
    return Failure("denied", "The path lies outside the sandbox.")

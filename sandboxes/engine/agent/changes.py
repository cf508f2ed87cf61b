"""Changes to the tree of files: make, remove, move, copy, set permissions."""

from __future__ import annotations

import errno
import os
import stat

from .budget import Budget, Growth
from .content import CHUNK
from .frames import Failure, Stream
from .places import Place, Spot
from .walk import MAX_DEPTH, READ_DIRECTORY, kind_of, walk

MAX_COPIED = 100_000  # entries


def make_directory(request: dict, stream: Stream, place: Place) -> None:
    """With `parents` also those above it, and it may be there already."""
    parents = request.get("parents", True)
    budget = Budget(request).over(place)
    spot = place.find(request["path"], make=parents)
    if spot.exists():
        if not parents or not stat.S_ISDIR(spot.stat().st_mode):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    else:
        budget.entry()
        budget.look(spot.directory)
        try:
            os.mkdir(spot.name, 0o755, dir_fd=spot.directory)
        except FileExistsError:  # somebody else was faster
            if not parents:
                raise
    stream.send({"grown": budget.grown})


def set_mode(request: dict, stream: Stream, place: Place) -> None:
    """Set the permission bits; no set-user-id and the like."""
    spot = place.existing(request["path"])
    info, mode = spot.stat(), int(request["mode"]) & 0o777
    if stat.S_ISLNK(info.st_mode):
        raise Failure("not_found", "It is a link that leads nowhere.")
    try:
        # A program that is faster than we are may put a link in its place, so by descriptor.
        descriptor = spot.open(READ_DIRECTORY if stat.S_ISDIR(info.st_mode) else os.O_RDONLY)
    except PermissionError:
        place.set_closed_mode(spot, mode)
    else:
        os.fchmod(descriptor, mode)
        os.close(descriptor)
    stream.send({})


def remove(request: dict, stream: Stream, place: Place) -> None:
    """A link is removed, not what it points to."""
    spot = place.existing(request["path"], follow=False)
    info = spot.stat()
    if spot.name == "." or place.is_top(info):
        raise Failure("denied", "This directory belongs to the sandbox itself.")
    if request.get("root"):
        place.check_own(spot)
    budget = Budget(request)
    if not stat.S_ISDIR(info.st_mode):
        os.unlink(spot.name, dir_fd=spot.directory)
        budget.returned(info)
    elif request["recursive"]:
        remove_tree(spot, budget)
    else:
        os.rmdir(spot.name, dir_fd=spot.directory)
    stream.send({"grown": budget.grown})


def remove_tree(spot: Spot, budget: Budget) -> None:
    """Remove a directory with everything in it, however deep it is."""
    pending = [spot.name]
    while pending:
        name = pending[-1]
        deeper = _empty(spot.directory, name, spot.directory, MAX_DEPTH, budget)
        if deeper:
            pending.append(deeper)
        else:
            os.rmdir(name, dir_fd=spot.directory)
            pending.pop()


def _empty(parent: int, name: str, top: int, depth: int, budget: Budget) -> str:
    """Empty a directory. What is too deep to be held open is moved to `top`; returns its name
    there, and the rest stays for the next time."""
    descriptor = Spot(parent, name).open(READ_DIRECTORY)
    try:
        with os.scandir(descriptor) as children:
            entries = [(child.name, child.is_dir(follow_symlinks=False)) for child in children]
        for child, is_directory in entries:
            if not is_directory:
                budget.returned(Spot(descriptor, child).stat())
                os.unlink(child, dir_fd=descriptor)
            elif depth == 0:
                moved = f".vibe-removed-{os.urandom(6).hex()}"
                os.rename(child, moved, src_dir_fd=descriptor, dst_dir_fd=top)
                return moved
            else:
                if moved := _empty(descriptor, child, top, depth - 1, budget):
                    return moved
                os.rmdir(child, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    return ""


def move(request: dict, stream: Stream, place: Place) -> None:
    """Also between file systems. What is there already is replaced only with `overwrite`."""
    source = place.existing(request["path"], follow=False)
    info = source.stat()
    if source.name == "." or place.is_top(info):
        raise Failure("denied", "This directory belongs to the sandbox itself.")
    budget = Budget(request).over(place)
    by_root = bool(request.get("root"))
    target = _free(request, place, make=not by_root)  # what root makes would be root's
    if by_root:
        place.check_own(source)
        place.check_own(target)
    try:
        os.rename(
            source.name,
            target.name,
            src_dir_fd=source.directory,
            dst_dir_fd=target.directory,
        )
    except OSError as error:
        if error.errno != errno.EXDEV or by_root:
            raise
        _copy_whole(source, info, target, budget)
        if stat.S_ISDIR(info.st_mode):
            remove_tree(source, budget)
        else:
            os.unlink(source.name, dir_fd=source.directory)
            budget.returned(info)
    stream.send({"grown": budget.grown})


def copy(request: dict, stream: Stream, place: Place) -> None:
    """A file or a whole tree; links are copied as links."""
    path, target = (place.shown(request[name]) for name in ("path", "target"))
    if (target + "/").startswith(path + "/"):
        raise Failure("invalid_path", "A folder cannot be copied into itself.")
    source = place.existing(request["path"], follow=False)
    budget = Budget(request).over(place)
    _copy_whole(source, source.stat(), _free(request, place), budget)
    stream.send({"grown": budget.grown})


def _free(request: dict, place: Place, *, make: bool = True) -> Spot:
    """The spot of the target, with its parents made."""
    target = place.find(request["target"], follow=False, make=make)
    if target.name == ".":
        raise Failure("exists", "The target exists already.")
    if not request.get("overwrite") and target.exists():
        raise Failure("exists", "The target exists already.")
    return target


def _copy_whole(source: Spot, info: os.stat_result, target: Spot, budget: Budget) -> None:
    """Copy it, or leave nothing of the copy behind."""
    try:
        _copy(source, info, target, budget)
    except FileExistsError:  # somebody else's
        raise
    except (Failure, OSError):
        try:
            if stat.S_ISDIR(target.stat().st_mode):
                remove_tree(target, budget)
            else:
                os.unlink(target.name, dir_fd=target.directory)
        except OSError:
            pass
        raise


def _copy(source: Spot, info: os.stat_result, target: Spot, budget: Budget) -> None:
    if not stat.S_ISDIR(info.st_mode):
        return _copy_one(source, info, target, budget)
    budget.entry()
    os.mkdir(target.name, 0o755, dir_fd=target.directory)
    copies = {"": target.open(READ_DIRECTORY)}
    os.fchmod(copies[""], info.st_mode & 0o777 | 0o700)
    try:
        entries = walk(source.open(READ_DIRECTORY), most=MAX_COPIED + 1, lost=_whole_only)
        for count, found in enumerate(entries):
            if count >= MAX_COPIED or (found.last and stat.S_ISDIR(found.info.st_mode)):
                raise Failure("too_large", "The folder is too large or too deep to be copied.")
            above = copies[found.path.rpartition("/")[0]]
            here = Spot(above, found.name)
            if stat.S_ISDIR(found.info.st_mode):
                budget.entry()
                os.mkdir(found.name, 0o755, dir_fd=above)
                _forget(copies, found.path)
                copies[found.path] = here.open(READ_DIRECTORY)
                os.fchmod(copies[found.path], found.info.st_mode & 0o777 | 0o700)
            else:
                _copy_one(Spot(found.directory, found.name), found.info, here, budget)
    finally:
        for descriptor in copies.values():
            os.close(descriptor)


def _whole_only(_: str, error: OSError) -> None:
    """A copy that lacks something is none."""
    raise error


def _forget(copies: dict[str, int], path: str) -> None:
    """Close the directories that the walk has left behind when it comes to `path`."""
    above = path.rpartition("/")[0]
    for name in [name for name in copies if name and not (above + "/").startswith(name + "/")]:
        os.close(copies.pop(name))


def _copy_one(source: Spot, info: os.stat_result, target: Spot, budget: Budget) -> None:
    kind = kind_of(info.st_mode)
    if kind == "link":
        budget.entry()
        link = os.readlink(source.name, dir_fd=source.directory)
        os.symlink(link, target.name, dir_fd=target.directory)
        return
    if kind != "file":
        raise Failure("not_regular", f"It is not a regular file: {source.name}")
    reading = source.open(os.O_RDONLY)
    try:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            raise Failure("not_regular", f"It is not a regular file: {source.name}")
        writing = target.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            growth = Growth(budget, writing)
            while chunk := os.read(reading, CHUNK):
                growth.write(chunk)
            os.fchmod(writing, info.st_mode & 0o777)
        finally:
            os.close(writing)
    finally:
        os.close(reading)

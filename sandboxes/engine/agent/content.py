"""Content of files: read from a byte on, written whole or at the end, block by block."""

from __future__ import annotations

import os
import stat

from .budget import Budget, Growth
from .frames import Failure, Stream
from .listing import described, version
from .places import Place, Spot

CHUNK = 256 * 1024
DEFAULT_MODE = 0o644


def read(request: dict, stream: Stream, place: Place) -> None:
    """Answer with the entry and the bytes from `offset` on, at most `length` of them.

    What is read counts, not what stat said: files in /proc say 0, and a file may still grow.
    """
    path, most = request["path"], request.get("max_bytes")
    spot = place.existing(path)
    descriptor = spot.open(os.O_RDONLY)
    try:
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            raise Failure("is_directory", "It is a directory.")
        if not stat.S_ISREG(info.st_mode):
            raise Failure("not_regular", "It is not a regular file.")
        if most is not None and info.st_size > most:
            raise Failure("too_large", f"It has {info.st_size} bytes.")
        os.lseek(descriptor, int(request.get("offset") or 0), os.SEEK_SET)
        stream.begin({"entry": described(info, place.shown(path))})
        _send(descriptor, stream, request.get("length"), most)
    finally:
        os.close(descriptor)


def _send(descriptor: int, stream: Stream, length: int | None, most: int | None) -> None:
    sent = 0
    while length is None or sent < length:
        wanted = CHUNK if length is None else min(CHUNK, length - sent)
        chunk = os.read(descriptor, wanted)
        if not chunk:
            break
        sent += len(chunk)
        if most is not None and sent > most:
            raise Failure("too_large", f"It has more than {most} bytes.")
        stream.send_block(chunk)
    stream.end()


def write(request: dict, stream: Stream, place: Place) -> None:
    """For each of `count` files a frame and its content follow. Each file is complete under its
    name or not there at all; earlier ones stay. Where `paths` names them ahead, none is written if
    one has no place for a file."""
    for path in request.get("paths", ()):
        _look_ahead(path, place)
    budget = Budget(request).over(place)
    last = ""
    for _ in range(request["count"]):
        entry = stream.receive()
        spot = place.find(entry["path"], make=True)
        store = _append if entry.get("append") else replace
        expected = entry.get("expect")
        last = store(spot, entry["mode"], stream, expected, entry["path"], budget)
        os.close(spot.directory)
    stream.send({"version": last, "grown": budget.grown})


def _look_ahead(path: str, place: Place) -> None:
    try:
        spot = place.find(path)
    except FileNotFoundError:  # its folder will be made
        return
    try:
        _present(spot, path)
    finally:
        os.close(spot.directory)


def replace(
    spot: Spot,
    mode: int | None,
    stream: Stream,
    expected: str | None,
    shown: str,
    budget: Budget,
) -> str:
    """Put a file with the stream's content at the spot, in one step; returns its version."""
    with Replacement(spot, mode, shown, budget, expected) as file:
        for block in stream.blocks():
            file.write(block)
        return file.put()


class Replacement:
    """A file that is written beside its final name and takes it when it is complete."""

    def __init__(
        self,
        spot: Spot,
        mode: int | None,
        shown: str,
        budget: Budget,
        expected: str | None = None,
    ) -> None:
        self.spot = spot
        self.expected = expected
        present = _present(spot, shown)
        self._check(present)
        if mode is None:
            mode = stat.S_IMODE(present.st_mode) if present else DEFAULT_MODE
        self.mode = mode & 0o777
        if present:
            budget.returned(present)
        # A short name of its own: the target's may already be as long as names can be.
        name = f".vibe-{os.getpid()}-{os.urandom(4).hex()}"
        self.temporary = Spot(spot.directory, name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self.descriptor = self.temporary.open(flags, 0o600)
        try:
            self.growth = Growth(budget, self.descriptor)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Replacement:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)
        if self.temporary.name:
            try:
                os.unlink(self.temporary.name, dir_fd=self.temporary.directory)
            except OSError:
                pass

    def write(self, data: bytes | memoryview) -> None:
        self.growth.write(data)

    def put(self) -> str:
        os.fchmod(self.descriptor, self.mode)
        if self.expected is not None:
            self._check(_present(self.spot, self.spot.name))
        directory = self.spot.directory
        os.replace(self.temporary.name, self.spot.name, src_dir_fd=directory, dst_dir_fd=directory)
        self.temporary = Spot(directory, "")
        return version(os.fstat(self.descriptor))

    def _check(self, present: os.stat_result | None) -> None:
        """Raise when the file is not as the host has seen it; "" says that there was none."""
        if self.expected is None:
            return
        if (version(present) if present else "") != self.expected:
            raise Failure("changed", "The file has been changed meanwhile.")


def _append(
    spot: Spot,
    mode: int | None,
    stream: Stream,
    expected: str | None,
    shown: str,
    budget: Budget,
) -> str:
    """What is refused or cut off in the middle leaves the file as it was."""
    present = _present(spot, shown)
    if expected is not None and (version(present) if present else "") != expected:
        raise Failure("changed", "The file has been changed meanwhile.")
    permissions = DEFAULT_MODE if mode is None else mode & 0o777
    descriptor = spot.open(os.O_WRONLY | os.O_APPEND | os.O_CREAT, permissions)
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise Failure("not_regular", "It is not a regular file.")
        growth = None
        try:
            growth = Growth(budget, descriptor, info.st_size if present else None)
            for block in stream.blocks():
                growth.write(block)
        except BaseException:
            _take_back(spot, descriptor, present, growth)
            raise
        return version(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _take_back(
    spot: Spot, descriptor: int, present: os.stat_result | None, growth: Growth | None
) -> None:
    """Undo an append, unless somebody else has written to the file meanwhile."""
    size = growth.size if growth else 0
    if os.fstat(descriptor).st_size != size:
        return
    if present is None:
        os.unlink(spot.name, dir_fd=spot.directory)
    else:
        os.ftruncate(descriptor, present.st_size)


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _present(spot: Spot, shown: str) -> os.stat_result | None:
    """What is at the spot now; raises Failure when a file cannot take its place."""
    try:
        info = spot.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(info.st_mode):
        raise Failure("is_directory", f"It is a directory: {shown}")
    if not stat.S_ISREG(info.st_mode) and not stat.S_ISLNK(info.st_mode):
        raise Failure("not_regular", f"It is not a regular file: {shown}")
    return info

"""A folder as one archive, written while it is read."""

from __future__ import annotations

import errno
import gzip
import io
import os
import resource
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from time import localtime, time
from typing import Any

from .content import CHUNK
from .frames import Failure, Stream
from .places import Place, Spot
from .walk import READ_DIRECTORY, Found, printable, walk

MAX_ENTRIES = 100_000
DEPTH = 1500  # more levels than a path of the kernel can name in practice; a descriptor each
MANIFEST = "NOT-IN-THIS-ARCHIVE.txt"
MANIFEST_LINES = 1000
LEVEL = 5  # of compression: one core makes some 60 MB a second
FIRST_YEAR = 1980  # of zip


class Content(io.RawIOBase):
    """A file whose bytes go to the host."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.stream.send_block(data)
        return len(data)


def serve(request: dict, stream: Stream, place: Place) -> None:
    """Answer with the archive (tar, tar.gz or zip) of what lies below a directory."""
    top = place.existing(request["path"]).open(READ_DIRECTORY)
    _open_many()
    write = {"tar": _tar, "tar.gz": _tar_gz, "zip": _zip}[request["format"]]
    stream.begin({})
    raw: Any = Content(stream)
    with io.BufferedWriter(raw, CHUNK) as file:
        write(file, Entries(top, set(request["exclude"])))
    stream.end()


def _open_many() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Entries:
    """What goes into the archive: files, directories and links, each under its path. What cannot
    come along is named in the archive itself, whose reader may not know where it comes from."""

    def __init__(self, top: int, exclude: set[str]) -> None:
        self.top = top
        self.exclude = exclude
        self.missing: list[str] = []
        self.unnamed = 0

    def __iter__(self) -> Iterator[Found]:
        found_all = walk(
            self.top, exclude=self.exclude, depth=DEPTH, most=MAX_ENTRIES + 1, lost=self.lost
        )
        for count, found in enumerate(found_all):
            mode = found.info.st_mode
            if count >= MAX_ENTRIES:
                raise Failure("too_large", f"The folder has more than {MAX_ENTRIES} entries.")
            if stat.S_ISDIR(mode) and found.name in self.exclude:
                continue
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode):
                yield found
                if stat.S_ISDIR(mode) and found.last:
                    self._name(found.path, "what lies in it is too deep")
            else:
                self._name(found.path, "a pipe, a socket or a device")

    def lost(self, path: str, error: OSError) -> None:
        words = {errno.EACCES: "closed to the sandbox's user", errno.EMFILE: "too deep"}
        self._name(path, words.get(error.errno or 0, error.strerror or str(error)))

    def manifest(self) -> bytes:
        """What is missing, a line each; empty when nothing is."""
        lines = list(self.missing)
        if self.unnamed:
            lines.append(f"… and {self.unnamed} more")
        return "".join(line + "\n" for line in lines).encode()

    def _name(self, path: str, why: str) -> None:
        if len(self.missing) < MANIFEST_LINES:
            self.missing.append(f"{printable(path) or '.'}: {why}")
        else:
            self.unnamed += 1


class Exactly(io.RawIOBase):
    """The first `size` bytes of a file; where it has become shorter meanwhile, zeros."""

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor = descriptor
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left)
        data = os.read(self.descriptor, size) or bytes(size)
        buffer[: len(data)] = data
        self.left -= len(data)
        return len(data)


def _opened(found: Found, entries: Entries) -> int | None:
    """The file of an entry; None when it is gone, closed to us, or not what it was."""
    try:
        descriptor = Spot(found.directory, found.name).open(os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        entries.lost(found.path, error)
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _tar_gz(file: io.BufferedWriter, entries: Entries) -> None:
    with gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
        _tar(packed, entries)


def _tar(file: io.BufferedWriter | gzip.GzipFile, entries: Entries) -> None:
    with tarfile.open(fileobj=file, mode="w|", bufsize=CHUNK, format=tarfile.PAX_FORMAT) as tar:
        for found in entries:
            member = tarfile.TarInfo(found.path)
            member.mode = stat.S_IMODE(found.info.st_mode)
            member.mtime = int(found.info.st_mtime)
            if stat.S_ISDIR(found.info.st_mode):
                member.type = tarfile.DIRTYPE
                tar.addfile(member)
            elif stat.S_ISLNK(found.info.st_mode):
                member.type = tarfile.SYMTYPE
                member.linkname = os.readlink(found.name, dir_fd=found.directory)
                tar.addfile(member)
            elif (descriptor := _opened(found, entries)) is not None:
                try:
                    member.size = os.fstat(descriptor).st_size
                    tar.addfile(member, io.BufferedReader(Exactly(descriptor, member.size)))
                finally:
                    os.close(descriptor)
        if manifest := entries.manifest():
            member = tarfile.TarInfo(MANIFEST)
            member.size, member.mtime = len(manifest), int(time())
            tar.addfile(member, io.BytesIO(manifest))


def _zip(file: io.BufferedWriter, entries: Entries) -> None:
    archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, True, LEVEL)
    with archive:
        for found in entries:
            mode = found.info.st_mode
            name = printable(found.path) + ("/" if stat.S_ISDIR(mode) else "")
            member = zipfile.ZipInfo(name, _when(found.info.st_mtime))
            member.external_attr = (mode & 0xFFFF) << 16
            if stat.S_ISDIR(mode):
                archive.writestr(member, b"")
            elif stat.S_ISLNK(mode):
                archive.writestr(
                    member, os.fsencode(os.readlink(found.name, dir_fd=found.directory))
                )
            elif (descriptor := _opened(found, entries)) is not None:
                member.compress_type = zipfile.ZIP_DEFLATED
                try:
                    with archive.open(member, "w", force_zip64=True) as target:
                        while chunk := os.read(descriptor, CHUNK):
                            target.write(chunk)
                finally:
                    os.close(descriptor)
        if manifest := entries.manifest():
            archive.writestr(zipfile.ZipInfo(MANIFEST, _when(time())), manifest)


def _when(mtime: float) -> tuple[int, int, int, int, int, int]:
    try:
        moment = localtime(mtime)[:6]
    except (ValueError, OverflowError, OSError):
        moment = (FIRST_YEAR, 1, 1, 0, 0, 0)
    return moment if FIRST_YEAR <= moment[0] <= 2107 else (FIRST_YEAR, 1, 1, 0, 0, 0)

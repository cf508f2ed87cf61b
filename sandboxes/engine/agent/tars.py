"""A tar from the host, unpacked while it comes."""

from __future__ import annotations

import io
import os
import tarfile
from tarfile import (  # type: ignore[attr-defined]  # not in the type stubs
    InvalidHeaderError,
    TruncatedHeaderError,
)
from typing import Any

from .content import CHUNK
from .frames import Failure
from .inflating import check_size
from .places import Spot
from .targets import Target

MAX_HEADER = 1 << 20  # bytes of an extended header, which is read as one piece
EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class Member(tarfile.TarInfo):
    """A member whose header is no longer than it needs to be."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> Member:
        try:
            member = super().frombuf(buf, encoding, errors)
        except (InvalidHeaderError, TruncatedHeaderError) as error:
            # tarfile takes it for the end of the archive, whatever may follow.
            raise Failure("invalid_archive", f"The archive cannot be read: {error}")
        if member.type in EXTENDED and member.size > MAX_HEADER:
            raise Failure("invalid_archive", "A header of the archive is too long.")
        if member.type == tarfile.GNUTYPE_SPARSE:
            raise Failure("invalid_archive", "The archive holds sparse files, which are not taken.")
        return member

    def _proc_pax(self, tarfile_: tarfile.TarFile) -> tarfile.TarInfo:
        member: tarfile.TarInfo = super()._proc_pax(tarfile_)  # type: ignore[misc]  # private
        if any(key.startswith("GNU.sparse") for key in member.pax_headers):
            raise Failure("invalid_archive", "The archive holds sparse files, which are not taken.")
        return member


def untar(source: io.BufferedReader[Any], target: Target) -> None:
    with tarfile.open(fileobj=source, mode="r|", bufsize=CHUNK, tarinfo=Member) as tar:
        for member in tar:
            tar.members = []  # type: ignore[attr-defined]  # it would keep them all
            spot = target.spot(member.name, directory=member.isdir() and not member.size)
            if spot is None:
                continue
            try:
                _untar_one(tar, member, spot, target)
            finally:
                os.close(spot.directory)
        # Its blocks of zeros are the end. What came behind them would be lost.
        stream: Any = tar.fileobj
        while rest := stream.read(CHUNK):
            if rest.count(0) < len(rest):
                raise Failure("invalid_archive", "The archive goes on behind its end.")


def _untar_one(tar: tarfile.TarFile, member: tarfile.TarInfo, spot: Spot, target: Target) -> None:
    if member.isdir():
        target.directory(spot, member.mode)
    elif member.issym():
        target.link(spot, member.linkname)
    elif member.islnk():
        target.hard_link(spot, member.linkname)
    elif member.isreg():
        check_size(target.bytes + member.size, target.bytes + member.size, target.most)
        content = tar.extractfile(member)
        assert content is not None
        target.file(spot, member.mode, iter(lambda: content.read(CHUNK), b""))
    else:
        target.refuse(member.name)

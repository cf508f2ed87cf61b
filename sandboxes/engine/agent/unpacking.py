"""An archive from the host, unpacked while it comes. Its content is hostile."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib

from .content import CHUNK
from .frames import Failure, Stream
from .inflating import Incoming, Inflated
from .places import Place
from .targets import Target
from .tars import untar
from .zips import unzip

GZIP, ZIP = b"\x1f\x8b", b"PK"
DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


def serve(request: dict, stream: Stream, place: Place) -> None:
    """Answer with {"files", "bytes"}. The kind of archive shows in its first bytes."""
    target = Target(request, place)
    incoming = Incoming(stream)
    source = io.BufferedReader(incoming, CHUNK)
    try:
        first = source.peek(2)[:2]
        if first == ZIP:
            unzip(source, incoming, target)
        elif first == GZIP:
            inflated = Inflated(source, incoming, target.most)
            untar(io.BufferedReader(inflated, CHUNK), target)
        else:
            untar(source, target)
    except DAMAGED as error:
        target.take_back()
        raise Failure("invalid_archive", f"The archive cannot be read: {error}")
    except (Failure, OSError):
        target.take_back()
        raise
    stream.send(
        {
            "files": target.files,
            "bytes": target.bytes,
            "grown": target.budget.grown,
        }
    )

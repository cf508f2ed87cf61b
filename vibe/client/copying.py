"""`vibe cp`: files and folders into a sandbox and out of it."""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tarfile
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import IO, cast

from vibe.client.connection import CHUNK, Connection, part
from vibe.client.errors import ClientError
from vibe.client.progress import Counted

# A name, a colon and a path; a single letter would be a drive elsewhere, and "./a:b" is a file.
REMOTE = re.compile(r"([A-Za-z0-9][^/:]{0,63}):(.*)", re.DOTALL)
BYTES = {"Content-Type": "application/octet-stream"}


def copy(api: Connection, options: Namespace) -> int:
    source, target = REMOTE.fullmatch(options.source), REMOTE.fullmatch(options.target)
    if bool(source) == bool(target):
        raise ClientError(
            "One of the two must be in a sandbox.", "Write SANDBOX:PATH for that one."
        )
    if target:
        _into(api, options.source, target[1], target[2])
    elif source:
        _out_of(api, source[1], source[2], options.target)
    return 0


def _into(api: Connection, source: str, sandbox: str, path: str) -> None:
    where = f"sandboxes/{part(sandbox)}/files"
    local = Path(source)
    if source != "-" and local.is_dir():
        with tempfile.TemporaryFile() as archive:
            with tarfile.open(fileobj=archive, mode="w:gz") as tar:
                tar.add(local, arcname=".")
            size = archive.tell()
            archive.seek(0)
            target = path or local.resolve().name
            _send(api, "POST", f"{where}/archive", archive, size, target)
        return
    if not path or path.endswith("/"):
        path = posixpath.join(path, local.name)
    if source == "-":
        with tempfile.TemporaryFile() as whole:
            shutil.copyfileobj(sys.stdin.buffer, whole, CHUNK)
            size = whole.tell()
            whole.seek(0)
            _send(api, "PUT", f"{where}/content", whole, size, path)
        return
    try:
        with local.open("rb") as file:
            _send(api, "PUT", f"{where}/content", file, local.stat().st_size, path)
    except OSError as error:
        raise ClientError(f"{source} cannot be read: {error.strerror}.") from None


def _send(api: Connection, method: str, where: str, file: IO[bytes], size: int, path: str) -> None:
    counted = Counted(file, "Sending", size)
    headers = BYTES | {"Content-Length": str(size)}
    with api.open(method, where, cast("IO[bytes]", counted), headers, path=path):
        counted.end()


def _out_of(api: Connection, sandbox: str, path: str, target: str) -> None:
    where = f"sandboxes/{part(sandbox)}/files"
    path = path or "."
    if api.call("GET", f"{where}/stat", path=path)["kind"] == "dir":
        _folder(api, where, path, target)
        return
    with api.open("GET", f"{where}/content", None, {}, path=path) as answer:
        if target == "-":
            shutil.copyfileobj(answer, sys.stdout.buffer, CHUNK)
            sys.stdout.buffer.flush()
            return
        local = Path(target)
        if local.is_dir():
            local /= posixpath.basename(path.rstrip("/"))
        with local.open("wb") as file:
            counted = Counted(file, "Receiving", answer.length)
            shutil.copyfileobj(answer, counted, CHUNK)
            counted.end()


def _folder(api: Connection, where: str, path: str, target: str) -> None:
    if target == "-":
        raise ClientError(f"{path} is a folder.", "Name a folder to put it into.")
    with (
        api.open("GET", f"{where}/archive", None, {}, path=path, everything="true") as answer,
        tarfile.open(fileobj=answer, mode="r|gz") as tar,
    ):
        try:
            # The archive comes from a sandbox: nothing of it may land outside the target.
            tar.extractall(target, filter="data")
        except tarfile.FilterError as error:
            raise ClientError(
                f"The sandbox sent a file that is not safe to unpack: {error}"
            ) from None

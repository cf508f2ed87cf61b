"""File operations as the sandbox's user; runs in a forked child of the agent.

Frames on the stream, both ways: 4 bytes big-endian length, a JSON object, then raw bytes where
the object announces them by `size`.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import struct
from collections.abc import Callable
from types import ModuleType

from .listing import list_tree
from .settings import Settings

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024
CHUNK = 64 * 1024
MAX_PATH = 4095  # of the kernel

CODES = {
    errno.ENOENT: "not_found",
    errno.ENOTDIR: "not_a_directory",
    errno.EISDIR: "is_directory",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "denied",
    errno.EXDEV: "denied",
    errno.EEXIST: "exists",
    errno.ENOTEMPTY: "not_empty",
    errno.ENOSPC: "no_space",
    errno.EDQUOT: "no_space",
    errno.EFBIG: "too_large",
    errno.ENAMETOOLONG: "invalid_path",
    errno.ELOOP: "invalid_path",
}


class Failure(Exception):
    """An expected failure; `code` is one of the engine's file error codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def serve(sock: socket.socket, settings: Settings) -> None:
    """Answer one request on the stream."""
    source = sock.makefile("rb", buffering=CHUNK)
    try:
        request = receive(source.read)
        OPERATIONS[request["do"]](request, source.read, sock, settings)
    except Failure as failure:
        send(sock, {"error": failure.code, "message": str(failure)})
    except (ValueError, KeyError, TypeError) as error:  # NUL in a path comes as ValueError
        send(sock, {"error": "invalid_path", "message": str(error)})
    except OSError as error:
        code = CODES.get(error.errno or 0, "error")
        send(sock, {"error": code, "message": error.strerror or str(error)})


def receive(read: Callable[[int], bytes]) -> dict:
    (length,) = HEADER.unpack(read(HEADER.size))
    if length > MAX_FRAME:
        raise Failure("invalid_path", "The request is too long.")
    return json.loads(read(length))


def send(sock: socket.socket, message: dict) -> None:
    data = json.dumps(message).encode()
    sock.sendall(HEADER.pack(len(data)) + data)


def resolve(path: str, settings: Settings, follow: bool = True) -> str:
    """Absolute path. Inside a mount namespace every path is harmless; without one, only the
    sandbox's own directories are served (a safety net, not a wall: commands can reach more)."""
    located = settings.locate(path)
    if len(os.fsencode(located)) > MAX_PATH:
        raise Failure("invalid_path", "The path is too long.")
    parent = os.path.realpath(os.path.dirname(located.rstrip("/")) or "/")
    name = os.path.basename(located.rstrip("/"))
    if name in ("", ".", "..") or follow:
        located = os.path.realpath(located)
    else:
        located = os.path.join(parent, name)
    if not settings.isolated:
        allowed = [os.path.realpath(p) for p in (settings.workspace, settings.home)]
        if not any(located == top or located.startswith(top + "/") for top in allowed):
            raise Failure("denied", "The path lies outside the sandbox.")
    return located


def _list(request: dict, _: object, sock: socket.socket, settings: Settings) -> None:
    top = resolve(request["path"], settings)
    result = list_tree(
        top, settings.workspace, request["depth"], request["limit"], set(request["exclude"])
    )
    data = json.dumps(result).encode()
    send(sock, {"size": len(data)})
    sock.sendall(data)


def _read(request: dict, _: object, sock: socket.socket, settings: Settings) -> None:
    path = resolve(request["path"], settings)
    # O_NONBLOCK: opening a FIFO or a device must not wait for its other side.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    info = os.fstat(descriptor)
    if stat.S_ISDIR(info.st_mode):
        raise Failure("is_directory", "It is a directory.")
    if not stat.S_ISREG(info.st_mode):
        raise Failure("not_regular", "It is not a regular file.")
    if info.st_size > request["max_bytes"]:
        raise Failure("too_large", f"It has {info.st_size} bytes.")
    data = bytearray()
    # What is read counts, not what stat said: files in /proc say 0, and a file may still grow.
    while len(data) <= request["max_bytes"] and (chunk := os.read(descriptor, 1 << 20)):
        data += chunk
    if len(data) > request["max_bytes"]:
        raise Failure("too_large", f"It has more than {request['max_bytes']} bytes.")
    send(sock, {"size": len(data)})
    sock.sendall(data)


def _write(request: dict, read: Callable[[int], bytes], sock: socket.socket, s: Settings) -> None:
    """Each file is complete under its name or not there at all; earlier ones stay."""
    for _ in range(request["count"]):
        entry = receive(read)
        path = resolve(entry["path"], s)
        if os.path.isdir(path):
            raise Failure("is_directory", f"It is a directory: {entry['path']}")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write_one(path, entry["size"], entry["mode"], read)
    send(sock, {})


def _write_one(path: str, size: int, mode: int | None, read: Callable[[int], bytes]) -> None:
    if mode is None:
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode)
        except FileNotFoundError:
            mode = 0o644
    # A short name of its own: the target's may already be as long as names can be.
    temporary = os.path.join(os.path.dirname(path), f".vibe-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with open(temporary, "xb", buffering=0) as file:
            while size:
                chunk = read(min(size, CHUNK))
                if not chunk:
                    raise Failure("error", "The transfer was cut off.")
                size -= len(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[file.write(view) :]
            os.fchmod(file.fileno(), mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def _make_directory(request: dict, _: object, sock: socket.socket, settings: Settings) -> None:
    os.makedirs(resolve(request["path"], settings), exist_ok=True)
    send(sock, {})


def _remove(request: dict, _: object, sock: socket.socket, settings: Settings) -> None:
    path = resolve(request["path"], settings, follow=False)
    if path in (settings.workspace, settings.home, "/"):
        raise Failure("denied", "This directory belongs to the sandbox itself.")
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        os.unlink(path)
    elif request["recursive"]:
        _shutil().rmtree(path)
    else:
        os.rmdir(path)
    send(sock, {})


def _move(request: dict, _: object, sock: socket.socket, settings: Settings) -> None:
    source = resolve(request["path"], settings, follow=False)
    target = resolve(request["target"], settings, follow=False)
    os.lstat(source)
    if os.path.lexists(target):
        raise Failure("exists", "The target exists already.")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    _shutil().move(source, target)
    send(sock, {})


def _shutil() -> ModuleType:
    """Imported in the child that needs it: it would cost every idle agent half a megabyte."""
    import shutil

    return shutil


OPERATIONS = {
    "list": _list,
    "read": _read,
    "write": _write,
    "make_directory": _make_directory,
    "remove": _remove,
    "move": _move,
}

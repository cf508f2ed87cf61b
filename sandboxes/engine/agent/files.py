"""File requests: each is served by a process of its own, as the sandbox's user."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from importlib import import_module

from . import changes, content, listing
from .frames import Failure, Stream
from .places import Place

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
    errno.EINVAL: "invalid_path",
    errno.ENXIO: "not_regular",
}

Operation = Callable[[dict, Stream, Place], None]

OPERATIONS: dict[str, Operation] = {
    "list": listing.list_tree,
    "stat": listing.stat_one,
    "read": content.read,
    "write": content.write,
    "make_directory": changes.make_directory,
    "remove": changes.remove,
    "move": changes.move,
    "copy": changes.copy,
    "mode": changes.set_mode,
}
# Imported in the process that needs them: they would cost every idle agent a megabyte.
RARE = {"search": "search", "pack": "packing", "unpack": "unpacking"}


def serve(sock: socket.socket, reach: Callable[[dict], Place]) -> None:
    """Answer one request on the stream; `reach` gives what that one may reach."""
    stream = Stream(sock)
    try:
        request = stream.receive()
        _operation(request["do"])(request, stream, reach(request))
    except Failure as failure:
        stream.fail(failure.code, str(failure))
    except TimeoutError:
        pass  # nobody is there any more
    except OSError as error:
        stream.fail(CODES.get(error.errno or 0, "error"), error.strerror or str(error))
    except MemoryError:
        stream.fail("too_large", "It needs more memory than the sandbox may use.")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        stream.fail("invalid_path", str(error))  # NUL in a path comes as ValueError


def _operation(name: str) -> Operation:
    if name in RARE:
        operation: Operation = import_module(f".{RARE[name]}", __package__).serve
        return operation
    return OPERATIONS[name]

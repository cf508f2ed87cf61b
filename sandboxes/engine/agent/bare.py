"""The C halves of `signal` and `socket`, and functions of the C library without `ctypes`.

The Python halves, which bring enumerations, context managers and a class for every type of C,
take longer to import than everything else that the agent needs, in every sandbox anew.
"""

from __future__ import annotations

import _signal as signal
import _socket as socket

__all__ = ["accept", "get_errno", "library_call", "signal", "socket"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from _ctypes import (
        FUNCFLAG_CDECL,
        FUNCFLAG_USE_ERRNO,
        CFuncPtr,
        _SimpleCData,
        dlopen,
        dlsym,
        get_errno,
    )

    class _Int(_SimpleCData):
        _type_ = "i"

    class _Call(CFuncPtr):
        _flags_ = FUNCFLAG_CDECL | FUNCFLAG_USE_ERRNO
        _restype_ = _Int

    _library = dlopen(None, 0)  # type: ignore[arg-type]  # the program itself
except (ImportError, TypeError):  # another Python than CPython, or one that has changed it
    from ctypes import CDLL, get_errno

    def library_call(name: str) -> Callable[..., int]:
        return CDLL(None, use_errno=True)[name]

else:

    def library_call(name: str) -> Callable[..., int]:
        """A function of the C library that takes ints, bytes or None and returns an int."""
        return _Call(dlsym(_library, name))


def accept(listener: socket.socket) -> socket.socket:
    """The next connection of a listening socket. Raises OSError."""
    descriptor, _ = listener._accept()  # type: ignore[attr-defined]  # private, so unknown to mypy
    return socket.socket(fileno=descriptor)

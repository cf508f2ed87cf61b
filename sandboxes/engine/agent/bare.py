"""The C halves of `signal` and `socket`.

Their Python halves, which bring enumerations and context managers, take longer to import than
everything else that the agent needs, in every sandbox anew.
"""

from __future__ import annotations

import _signal as signal
import _socket as socket

__all__ = ["accept", "signal", "socket"]


def accept(listener: socket.socket) -> socket.socket:
    """The next connection of a listening socket. Raises OSError."""
    descriptor, _ = listener._accept()  # type: ignore[attr-defined]  # private, so unknown to mypy
    return socket.socket(fileno=descriptor)

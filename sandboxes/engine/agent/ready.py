"""Which descriptors can be read or written, and what is to be done then."""

from __future__ import annotations

import os
import select

TYPE_CHECKING = False  # importing these would cost every agent time and memory
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class HasDescriptor(Protocol):
        def fileno(self) -> int: ...


READ, WRITE = select.EPOLLIN, select.EPOLLOUT


class Ready:
    """One callback for each descriptor that is waited for."""

    def __init__(self) -> None:
        self._epoll = select.epoll(select.EPOLL_CLOEXEC)
        self._callbacks: dict[int, Callable[[], object]] = {}

    def register(
        self, what: int | HasDescriptor, events: int, callback: Callable[[], object]
    ) -> None:
        """Raises OSError, KeyError when it is registered already."""
        number = _number(what)
        if number in self._callbacks:
            raise KeyError(number)
        self._epoll.register(number, events)
        self._callbacks[number] = callback

    def unregister(self, what: int | HasDescriptor) -> None:
        """To be called before it is closed."""
        number = _number(what)
        del self._callbacks[number]
        try:
            self._epoll.unregister(number)
        except OSError:
            pass

    def serve(self, seconds: float | None) -> None:
        """Wait until something is ready, a signal comes or the time is up; call what is due."""
        try:
            found = self._epoll.poll(seconds)
        except InterruptedError:
            return
        for number, _ in found:
            callback = self._callbacks.get(number)
            if callback is not None:  # an earlier one may have put an end to it
                callback()


def poll_in(descriptor: int, seconds: float) -> bool:
    """Whether something can be read there within that time."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return any(what & select.POLLIN for _, what in poll.poll(seconds * 1000))


def empty(descriptor: int) -> None:
    """Read and forget what is there."""
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass


def _number(what: int | HasDescriptor) -> int:
    return what if isinstance(what, int) else what.fileno()

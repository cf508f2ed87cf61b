"""Who works on the files of a sandbox or a snapshot, in this process: many read, or one writes.

One worker process per node touches them, so nothing outlives a crash that would have to be freed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_changed = threading.Condition()
# By id: how many read it; -1 while one writes.
_held: dict[str, int] = {}


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Wait until nobody works on `name`, then be the only one."""
    with _changed:
        _changed.wait_for(lambda: name not in _held)
        _held[name] = -1
    try:
        yield
    finally:
        _release(name)


@contextmanager
def shared(name: str) -> Iterator[None]:
    """Wait until nobody writes `name`, then keep it from changing."""
    with _changed:
        _changed.wait_for(lambda: _held.get(name, 0) >= 0)
        _held[name] = _held.get(name, 0) + 1
    try:
        yield
    finally:
        _release(name)


def is_held(name: str) -> bool:
    with _changed:
        return name in _held


def _release(name: str) -> None:
    with _changed:
        _held[name] -= 1 if _held[name] > 0 else -1
        if _held[name] == 0:
            del _held[name]
        _changed.notify_all()

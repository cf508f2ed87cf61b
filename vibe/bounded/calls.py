"""Calls into a few such processes: each owner has one at most, and what is known is not asked."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from hashlib import sha256

from vibe.bounded.process import BoundedProcess, TookTooLong
from vibe.shares import Busy, Shares
from vibe.shares.owner import owner

PROCESSES = 2
# A page asks for many pieces, one after the other; several pages of one person wait in turn.
_shares = Shares("texts", total=PROCESSES, each=1, waiting=64, patience=1.0)
KEPT_CHARACTERS, KEPT_CALLS = 8 << 20, 4096
# A process that nobody needs would hold 30 MB.
IDLE_SECONDS = 300.0

_lock = threading.Lock()
_idle: list[tuple[float, BoundedProcess]] = []
_known: OrderedDict[bytes, str | None] = OrderedDict()
_kept = 0
_timer: threading.Timer | None = None


def text(function: str, *arguments: str) -> str | None:
    """What the function ("module:name", of texts, without effects) makes of the arguments.

    None when it failed, when it would take too long, and when its owner has too much of this at
    once: the caller then shows the text as it is. The same call is not made twice.
    """
    key = _key(function, arguments)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    try:
        with _shares.place_now(owner()):
            found = _called(function, arguments)
    except (Busy, _NotNow):
        return None
    _remember(key, found)
    return found


def close() -> None:
    """End the processes that wait for work."""
    with _lock:
        waiting = [process for _, process in _idle]
        _idle.clear()
    for process in waiting:
        process.close()


class _NotNow(Exception):
    """The machine is too busy; the next time it may succeed."""


def _called(function: str, arguments: tuple[str, ...]) -> str | None:
    process = _taken()
    try:
        found = process.call(function, *arguments)
    except TookTooLong as error:
        if error.by_itself:
            return None
        raise _NotNow from None
    except BaseException:
        process.close()
        raise
    _give_back(process)
    return found


def _taken() -> BoundedProcess:
    with _lock:
        if _idle:
            return _idle.pop()[1]
    return BoundedProcess()


def _give_back(process: BoundedProcess) -> None:
    with _lock:
        _idle.append((time.monotonic(), process))
    _look_later()


def _look_later() -> None:
    global _timer
    with _lock:
        if _timer is not None or not _idle:
            return
        _timer = threading.Timer(IDLE_SECONDS, _end_idle)
        _timer.daemon = True
        _timer.start()


def _end_idle() -> None:
    global _timer
    before = time.monotonic() - IDLE_SECONDS
    with _lock:
        _timer = None
        old = [entry for entry in _idle if entry[0] <= before]
        for entry in old:
            _idle.remove(entry)
    for _, process in old:
        process.close()
    _look_later()


def _remember(key: bytes, found: str | None) -> None:
    global _kept
    with _lock:
        if key in _known:
            return
        _known[key] = found
        _kept += len(found or "")
        while _kept > KEPT_CHARACTERS:
            _kept -= len(_known.popitem(last=False)[1] or "")
        while len(_known) > KEPT_CALLS:
            _kept -= len(_known.popitem(last=False)[1] or "")


def _key(function: str, arguments: tuple[str, ...]) -> bytes:
    digest = sha256(function.encode())
    for argument in arguments:
        data = argument.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()

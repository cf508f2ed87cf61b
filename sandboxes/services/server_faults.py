"""Answers of servers that previews see fail, and answer well again: told to whoever listens.

Only of this process, and rarely: a page that fails in a loop is told of once in some seconds.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

FAILED = 500
SECONDS = 5.0
KEPT = 1024
LONGEST = 200


@dataclass(frozen=True)
class Answer:
    sandbox_id: str
    port: int
    method: str
    path: str
    status: int


_listeners: list[Callable[[Answer], None]] = []
# When each failing request was told of last.
_failing: OrderedDict[tuple[str, int, str, str], float] = OrderedDict()


def listen(listener: Callable[[Answer], None]) -> None:
    """Have answers told of; may be called in any thread and must not raise for its own faults."""
    _listeners.append(listener)


def worth_telling(answer: Answer) -> bool:
    """Whether an answer is news: it fails and was not told of just now, or it did fail before."""
    key = (answer.sandbox_id, answer.port, answer.method, answer.path)
    if answer.status < FAILED:
        return _failing.pop(key, None) is not None
    now = time.monotonic()
    if now - _failing.get(key, -SECONDS) < SECONDS:
        return False
    _failing[key] = now
    _failing.move_to_end(key)
    if len(_failing) > KEPT:
        _failing.popitem(last=False)
    return True


def tell(answer: Answer) -> None:
    """Tell the listeners; blocks."""
    for listener in _listeners:
        try:
            listener(answer)
        except Exception:
            logger.exception("A fault of a previewed server could not be told of")

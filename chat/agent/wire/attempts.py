"""How often a request is sent: the providers' clients try again by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass
class Attempts:
    """`answered`: the last HTTP status, 0 as long as no answer has begun."""

    sent: int = 0
    answered: int = 0


_present: ContextVar[Attempts | None] = ContextVar("attempts", default=None)


@contextmanager
def counting() -> Iterator[Attempts]:
    """Counts what is sent meanwhile, in this task."""
    attempts = Attempts()
    token = _present.set(attempts)
    try:
        yield attempts
    finally:
        _present.reset(token)


async def sent(_request: Any) -> None:
    """A hook of the HTTP client."""
    if attempts := _present.get():
        attempts.sent += 1
        attempts.answered = 0


async def answered(response: Any) -> None:
    """A hook of the HTTP client."""
    if attempts := _present.get():
        attempts.answered = response.status_code

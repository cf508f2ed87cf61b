"""Holding a sandbox still while its files are copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sandboxes.engine import frozen, thaw
from sandboxes.host import handles
from sandboxes.models import Sandbox, SandboxSession


@contextmanager
def still(sandbox: Sandbox) -> Iterator[None]:
    """Nothing that runs in the sandbox changes its files within."""
    sandbox.refresh_from_db()
    session = sandbox.session
    handle = handles.handle_of(session) if session else None
    alive = handle is not None and handles.engine_of(handle).alive(handle)
    with frozen(handle) if handle is not None and alive else nullcontext():
        yield


def let_go(session: SandboxSession | None) -> None:
    """Let the processes go on that a worker which died meanwhile has left standing still."""
    handle = handles.handle_of(session) if session else None
    if handle is not None and handles.engine_of(handle).alive(handle):
        thaw(handle)

"""Whether somebody uses a sandbox.

Activity is a command that runs or has just ended, a file read or written through the platform,
a request to a preview, and what is typed into a terminal or shows in it. A shell that only waits
is none.
"""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.utils import timezone

from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import sleep

# A row is written at most once in so many seconds, per process.
PRECISION = 20.0
MAX_REMEMBERED = 10_000

_noted: dict[str, float] = {}
_guard = threading.Lock()


def idle_timeout(sandbox: Sandbox) -> int:
    """Seconds without activity after which the sandbox stops; 0: never."""
    return settings.SANDBOX_IDLE if sandbox.idle_timeout is None else sandbox.idle_timeout


def is_due(session_id: str) -> bool:
    """Whether `touch` would write now; never waits, so an event loop may ask."""
    return time.monotonic() - _noted.get(session_id, -PRECISION) >= PRECISION


def touch(session_id: str) -> None:
    """Somebody uses the session now."""
    with _guard:
        if not is_due(session_id):
            return
        if len(_noted) > MAX_REMEMBERED:
            _noted.clear()
        _noted[session_id] = time.monotonic()
    SandboxSession.objects.filter(pk=session_id).update(active_at=timezone.now())
    sleep.wake(session_id)

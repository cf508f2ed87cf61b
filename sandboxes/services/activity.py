"""Whether somebody uses a sandbox, and the end of those that nobody does.

Activity is a command that runs or has just ended, a file read or written through the platform,
a request to a preview, and what is typed into a terminal or shows in it. A shell that only waits
is none.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from sandboxes.models import Command, Sandbox, SandboxSession, Snapshot
from sandboxes.services import lifecycle

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


def stop_idle() -> list[SandboxSession]:
    """Stop the running sandboxes of this node that nobody has used for their idle time."""
    now = timezone.now()
    busy = Command.objects.filter(session=OuterRef("pk"), tty=False).exclude(
        status=Command.Status.FINISHED
    )
    saving = Snapshot.objects.filter(session=OuterRef("pk"), status=Snapshot.Status.CREATING)
    candidates = (
        SandboxSession.objects.filter(node=settings.NODE_NAME, status=SandboxSession.Status.RUNNING)
        .annotate(
            idle=Coalesce(F("sandbox__idle_timeout"), settings.SANDBOX_IDLE),
            used_at=Coalesce(F("active_at"), F("started_at")),
        )
        .filter(~Exists(busy), ~Exists(saving), ~Q(idle=0))
        .select_related("sandbox")
    )
    stopped: list[SandboxSession] = []
    for session in candidates:
        limit = timedelta(seconds=session.idle)
        ended = Command.objects.filter(session=session, finished_at__gt=now - limit)
        if session.used_at > now - limit or ended.exists():
            continue
        lifecycle.stop(session.sandbox, reason=SandboxSession.StopReason.IDLE)
        stopped.append(session)
    return stopped

"""Waking a sandbox whose processes stand still as nobody used it; `node.sleep` puts it there."""

from __future__ import annotations

from sandboxes import engine
from sandboxes.host import handles
from sandboxes.models import SandboxEvent, SandboxSession
from sandboxes.news import event_log, events


def wake(session_id: str) -> bool:
    """Somebody uses the sandbox: let its processes go on. Whether they stood still.

    The row comes first. Who puts it to sleep looks at the row again when that is done, so of two
    that race this one wins.
    """
    slept = SandboxSession.objects.filter(pk=session_id, asleep_since__isnull=False)
    if not slept.update(asleep_since=None):
        return False
    session = SandboxSession.objects.select_related("sandbox").get(pk=session_id)
    if (handle := handles.handle_of(session)) is not None:
        engine.sleep.wake(handle.cgroup)
    event_log.record(session.sandbox, SandboxEvent.Kind.LIFECYCLE, "Woke up.")
    events.session_changed(session.sandbox)
    return True

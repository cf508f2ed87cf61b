"""The end of the sandboxes of this node that nobody uses."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from sandboxes.models import Command, SandboxSession, Snapshot
from sandboxes.services import lifecycle


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

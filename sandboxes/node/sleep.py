"""Sandboxes of this node that only wait to be used fall asleep: their servers stand still."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from sandboxes import engine
from sandboxes.engine import Level, SandboxHandle
from sandboxes.host import handles
from sandboxes.models import Command, SandboxEvent, SandboxSession, Snapshot
from sandboxes.news import event_log, events
from sandboxes.services import activity
from sandboxes.services import sleep as waking

# A processor's share above which something is at work; dev servers that poll files take less.
BUSY = 0.1
# Seconds over which it has to rest; one that nobody has used for long need not prove more.
LOOKED_AT = 30.0
# Seconds before the end of its time in which a sandbox is awake: what stands still cannot end.
AWAKE_BEFORE_END = 30.0

UNFINISHED = ~Q(status=Command.Status.FINISHED)
NOT_STARTED = Q(UNFINISHED, started_at=None)


@dataclass(frozen=True)
class Seen:
    """What a session had done when it was looked at."""

    at: float
    cpu: float
    printed: int


# By session; of those alone that may fall asleep.
_seen: dict[str, Seen] = {}


def fall_asleep() -> list[SandboxSession]:
    """Hold those still that nobody has used for so long; also wake what must end soon."""
    now = timezone.now()
    _wake_who_must_be(now)
    if not settings.SANDBOX_SLEEP:
        return []
    candidates = {session.pk: session for session in _unused(now)}
    for gone in _seen.keys() - candidates.keys():
        del _seen[gone]
    return [one for one in candidates.values() if _has_rested(one) and _put(one)]


def _unused(now: datetime) -> list[SandboxSession]:
    """Running sessions that nobody has touched, in which nothing but servers and shells runs."""
    limit = now - timedelta(seconds=max(settings.SANDBOX_SLEEP, 2 * activity.PRECISION))
    own = Command.objects.filter(session=OuterRef("pk"))
    at_work = own.filter(UNFINISHED, background=False, tty=False)
    recent = own.filter(Q(started_at__gt=limit) | Q(finished_at__gt=limit) | NOT_STARTED)
    server = own.filter(Q(UNFINISHED, background=True) | Q(left_processes__gt=0), tty=False)
    saving = Snapshot.objects.filter(session=OuterRef("pk"), status=Snapshot.Status.CREATING)
    found = SandboxSession.objects.filter(
        node=settings.NODE_NAME,
        status=SandboxSession.Status.RUNNING,
        asleep_since=None,
        isolation=Level.FULL,
    ).annotate(used_at=Coalesce("active_at", "started_at"))
    found = found.filter(Exists(server), ~Exists(at_work), ~Exists(recent), ~Exists(saving))
    soon = Q(expires_at__lt=now + timedelta(seconds=2 * AWAKE_BEFORE_END))
    return list(found.filter(used_at__lt=limit).exclude(soon).select_related("sandbox"))


def _has_rested(session: SandboxSession) -> bool:
    """Whether it has taken no processor to speak of and printed nothing since it was first seen,
    for as long as the setting says."""
    handle = handles.handle_of(session)
    used = engine.limits.usage(handle.cgroup) if handle else None
    if handle is None or used is None or not engine.sleep.available(handle.cgroup):
        return False
    own = Command.objects.filter(session=session)
    printed = own.aggregate(sum=Coalesce(Sum("log_size"), 0))["sum"]
    now = Seen(time.monotonic(), used[0], printed)
    before = _seen.setdefault(session.pk, now)
    if before is now:
        return False
    if printed != before.printed or now.cpu - before.cpu > BUSY * max(now.at - before.at, 1.0):
        _seen[session.pk] = now
        return False
    return now.at - before.at >= min(settings.SANDBOX_SLEEP, LOOKED_AT) and _only_waits(handle)


def _only_waits(handle: SandboxHandle) -> bool:
    """Whether something listens in it, and nothing is connected."""
    try:
        listening = handles.agent_of(handle).ports()
    except engine.EngineError:
        return False
    return bool(listening) and not engine.talks_outside(handle)


def _put(session: SandboxSession) -> bool:
    handle = handles.handle_of(session)
    rows = SandboxSession.objects.filter(pk=session.pk, status=SandboxSession.Status.RUNNING)
    unused = rows.filter(asleep_since=None, active_at=session.active_at)
    if handle is None or not unused.update(asleep_since=timezone.now()):
        return False
    reached = engine.sleep.put(handle)
    asleep = rows.filter(asleep_since__isnull=False, active_at=session.active_at)
    if reached and asleep.exists() and not _has_work(session):
        _seen.pop(session.pk, None)
        text = "Fell asleep: nobody used it. Any use wakes it."
        event_log.record(session.sandbox, SandboxEvent.Kind.LIFECYCLE, text)
        events.session_changed(session.sandbox)
        return True
    # Somebody came meanwhile, or it could not be held.
    engine.sleep.wake(handle.cgroup)
    SandboxSession.objects.filter(pk=session.pk).update(asleep_since=None)
    _seen.pop(session.pk, None)
    return False


def _has_work(session: SandboxSession) -> bool:
    return Command.objects.filter(NOT_STARTED, session=session).exists()


def _wake_who_must_be(now: datetime) -> None:
    """Also say of those that they are awake which the engine has woken for a call of its own."""
    asleep = SandboxSession.objects.filter(node=settings.NODE_NAME, asleep_since__isnull=False)
    soon = now + timedelta(seconds=AWAKE_BEFORE_END)
    for session in asleep:
        handle = handles.handle_of(session)
        ends = session.expires_at is not None and session.expires_at < soon
        ending = ends or session.status != SandboxSession.Status.RUNNING
        if ending or handle is None or not engine.sleep.is_on(handle.cgroup):
            waking.wake(session.pk)

"""Sandboxes that wait, started ahead, for somebody who creates one."""

from __future__ import annotations

import logging
import os
import signal
from contextlib import suppress
from dataclasses import asdict

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import QuerySet

from sandboxes.engine import EngineError, Level, SandboxHandle, SandboxSpec, spare
from sandboxes.engine import limits as engine_limits
from sandboxes.engine.trees.removing import remove_tree
from sandboxes.host import isolation
from sandboxes.host.handles import agent_of, engine_of
from sandboxes.host.shares import WARM, newest_number, root_of, warm_root_of
from sandboxes.models import Sandbox, SandboxSession, WarmSandbox
from sandboxes.node.specs import of_number, spec_of, warm_spec_of
from sandboxes.services import finding
from vibe.data.prepared import Prepared

logger = logging.getLogger(__name__)

State = WarmSandbox.State
# One whose worker does not come back ends by itself; renew() puts that off.
SECONDS = 600.0
LEVEL = Level.FULL  # elsewhere a start costs little, and its ports are settled by its number


_ready = Prepared(lambda node: WarmSandbox.objects.filter(node=node, state=State.READY))


def fill() -> None:
    """Start sandboxes until as many wait as the operator wants. Raises EngineError."""
    if settings.WARM_SANDBOXES <= 0 or not isolation.current().allowed:
        return
    if isolation.current().level != LEVEL:
        return
    while _mine().exclude(state=State.TAKEN).count() < settings.WARM_SANDBOXES:
        _start_one()


def take(session: SandboxSession, level: Level) -> SandboxHandle | None:
    """One that waits, made the sandbox of this session; None where none does or none fits.

    Its row stays until settled(), for whoever cleans up after a crash.
    """
    if level != LEVEL or not _begins_empty(session):
        return None
    wanted = spec_of(session, level)
    while row := _claim(session, wanted):
        try:
            return _hand_over(row, session, wanted)
        except (EngineError, OSError, DatabaseError) as error:
            logger.warning("the sandbox %s, started ahead, is of no use: %s", row.name, error)
            _end(row)
    return None


def settled(session_id: str) -> None:
    """What the session has taken over is recorded with it."""
    WarmSandbox.objects.filter(session_id=session_id).delete()


def renew() -> None:
    """Let those that wait live on; what has ended makes room for another."""
    for row in _mine().filter(state=State.READY):
        handle = SandboxHandle(**row.handle)
        try:
            agent_of(handle).set_deadline(SECONDS)
        except EngineError:
            if _mine().filter(pk=row.pk, state=State.READY).update(state=State.TAKEN):
                _end(row)


def end_all() -> None:
    """End all that wait on this node, and what a crash has left of such; those that a session
    has taken over stay."""
    for row in _mine():
        _end(row)
    known = {warm_root_of(name) for name in _mine().values_list("name", flat=True)}
    for path in (settings.DATA_DIR / "sandboxes").glob(f"{WARM}*"):
        if path not in known:
            remove_tree(path)


def _mine() -> QuerySet[WarmSandbox]:
    return WarmSandbox.objects.filter(node=settings.NODE_NAME)


def _start_one() -> None:
    row = _reserve()
    try:
        handle = isolation.engine().start(warm_spec_of(row, LEVEL, SECONDS))
    except BaseException:
        _end(row)
        raise
    row.handle = asdict(handle)
    row.state = State.READY
    if not _mine().filter(pk=row.pk).update(handle=row.handle, state=row.state):
        _end(row)  # they were all ended meanwhile


def _reserve() -> WarmSandbox:
    for _ in range(8):
        with suppress(IntegrityError), transaction.atomic():
            return WarmSandbox.objects.create(node=settings.NODE_NAME, number=newest_number() + 1)
    raise EngineError("No number could be found for a sandbox.")


def _begins_empty(session: SandboxSession) -> bool:
    """Whether it is the first of its sandbox, and nothing has been put there yet."""
    if (
        session.source_snapshot_id
        or session.sandbox.mounts
        or os.path.lexists(root_of(session.sandbox))
    ):
        return False
    return finding.is_first(session)


def _claim(session: SandboxSession, wanted: SandboxSpec) -> WarmSandbox | None:
    while row := _ready.first(settings.NODE_NAME):
        if not spare.fits(warm_spec_of(row, LEVEL, SECONDS), of_number(wanted, row.number)):
            return None
        claimed = _mine().filter(pk=row.pk, state=State.READY)
        if claimed.update(state=State.TAKEN, session_id=session.id):
            return row
    return None


def _hand_over(row: WarmSandbox, session: SandboxSession, wanted: SandboxSpec) -> SandboxHandle:
    with transaction.atomic():
        Sandbox.objects.filter(pk=session.sandbox_id).update(number=row.number)
    session.sandbox.number = row.number
    return spare.hand_over(
        SandboxHandle(**row.handle),
        warm_spec_of(row, LEVEL, SECONDS),
        of_number(wanted, row.number),
    )


def _end(row: WarmSandbox) -> None:
    """Unless a session runs that has taken it over."""
    if not _is_taken_over(row):
        if row.handle:
            handle = SandboxHandle(**row.handle)
            engine_of(handle).kill(handle)
        else:
            _end_unrecorded(row.name)
        remove_tree(warm_root_of(row.name))
    WarmSandbox.objects.filter(pk=row.pk).delete()


def _end_unrecorded(name: str) -> None:
    """A start that nobody saw the end of; where there is no group, it ends by its time."""
    cgroup = engine_limits.named(name)
    for pid in engine_limits.members(cgroup):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    engine_limits.remove(cgroup)
    (settings.RUN_DIR / f"{name}.sock").unlink(missing_ok=True)


def _is_taken_over(row: WarmSandbox) -> bool:
    session = SandboxSession.objects.filter(
        pk=row.session_id, status__in=SandboxSession.LIVE
    ).first()
    return session is not None and session.handle.get("pid") == row.handle.get("pid")

"""What is known of a sandbox whose preview is asked for: how it stands, and who may enter."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from sandboxes.models import Sandbox
from sandboxes.services import activity, preview_rules
from sandboxes.services.preview_rules import Rule, Rules
from vibe.data.database import in_thread

logger = logging.getLogger(__name__)

FRESH_FOR = 1.0  # seconds
# What is asked for again at this age is looked up anew beforehand: who asks often never waits.
RENEWED_AT = 0.3
REMEMBERED = 2048


@dataclass(frozen=True)
class Access:
    """What is known of a sandbox at the moment; `session_id` is empty when it never ran;
    `why` says why it does not run, as Sandbox.why does. `rules`: of ports of which something else
    is said than `otherwise`."""

    sandbox_id: str
    owner_id: int
    owner: str  # by name
    name: str
    status: str
    session_id: str
    why: str
    error: str
    console: bool  # its pages tell the workbench what goes wrong in them
    rules: Rules
    otherwise: Rule
    since: datetime | None = None  # when its last start was asked for

    def rule(self, port: int) -> Rule:
        return self.rules.get(port, self.otherwise)


_known: OrderedDict[str, tuple[float, Access | None]] = OrderedDict()
_renewing: dict[str, asyncio.Task[None]] = {}


async def look_up(sandbox_id: str) -> Access | None:
    """Return what is known of the sandbox, at most a second old; None when there is none."""
    found = _fresh(sandbox_id)
    if found is None and (renewing := _renewing.get(sandbox_id)) is not None:
        await asyncio.wait({renewing})
        found = _fresh(sandbox_id)
    return found[1] if found else await _look_up_anew(sandbox_id)


def at_hand(sandbox_id: str) -> Access | None:
    """What is known of a sandbox that runs, without a wait; None where it has to be looked up."""
    found = _fresh(sandbox_id)
    if found is None or found[1] is None or found[1].status != "running":
        return None
    if found[0] >= RENEWED_AT and sandbox_id not in _renewing:
        task = asyncio.create_task(_renew(sandbox_id), name="preview access")
        _renewing[sandbox_id] = task
    return found[1]


def latest(sandbox_id: str) -> Access | None:
    """What was known of the sandbox when it was last asked for, however long ago that is."""
    return _known.get(sandbox_id, (0.0, None))[1]


def _fresh(sandbox_id: str) -> tuple[float, Access | None] | None:
    """What is remembered and how old that is; None where it is too old."""
    at, access = _known.get(sandbox_id, (float("-inf"), None))
    age = time.monotonic() - at
    return (age, access) if age < FRESH_FOR else None


async def _renew(sandbox_id: str) -> None:
    try:
        await _look_up_anew(sandbox_id)
    except Exception as error:  # whoever needs it next asks himself, and is told
        logger.debug("A sandbox could not be looked up beforehand: %s", error)
    finally:
        _renewing.pop(sandbox_id, None)


async def _look_up_anew(sandbox_id: str) -> Access | None:
    begun = time.monotonic()
    access = await in_thread(_read, sandbox_id)
    if _known.get(sandbox_id, (float("-inf"), None))[0] > begun:
        return access  # somebody has looked later than this
    _known[sandbox_id] = (begun, access)
    _known.move_to_end(sandbox_id)
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return access


def forget(sandbox_id: str) -> None:
    """Make the next look-up read the database."""
    _known.pop(sandbox_id, None)


def _read(sandbox_id: str) -> Access | None:
    there = Sandbox.objects.select_related("session", "owner").filter(
        pk=sandbox_id, deleted_at=None, owner__is_active=True
    )
    sandbox = there.first()
    if sandbox is None:
        return None
    session = sandbox.session
    if session is not None and sandbox.is_running:
        activity.touch(session.pk)
    return Access(
        sandbox_id=sandbox.pk,
        owner_id=sandbox.owner_id,
        owner=sandbox.owner.get_username(),
        name=sandbox.name,
        status=sandbox.status,
        session_id=session.pk if session else "",
        why=sandbox.why,
        error=session.error if session else "",
        console=sandbox.preview_console,
        rules=preview_rules.rules_of(sandbox),
        otherwise=preview_rules.otherwise(sandbox),
        since=session.requested_at if session else None,
    )

"""Whether a preview may be shown, and by which session of its sandbox.

Knowing the unguessable id in the host name is the right to see the preview, as with a shared
link; nothing of the platform can be reached through it. The link is its owner's, and works for as
long as the owner may sign in.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

from sandboxes.models import Sandbox
from sandboxes.preview.headers import Headers
from sandboxes.preview.host import Target
from sandboxes.services import activity, finding
from vibe.accounts.services.rights import Held, Right
from vibe.data.database import in_thread

logger = logging.getLogger(__name__)

FRESH_FOR = 1.0  # seconds
# What is asked for again at this age is looked up anew beforehand: who asks often never waits.
RENEWED_AT = 0.3
REMEMBERED = 2048


@dataclass(frozen=True)
class Access:
    """What is known of a sandbox at the moment; `session_id` is empty when it never ran;
    `why` says why it does not run, as Sandbox.why does."""

    sandbox_id: str
    owner_id: int
    name: str
    status: str
    session_id: str
    why: str
    error: str
    console: bool = True  # its pages tell the workbench what goes wrong in them


_known: OrderedDict[str, tuple[float, Access | None]] = OrderedDict()
_renewing: dict[str, asyncio.Task[None]] = {}


async def look_up(sandbox_id: str) -> Access | None:
    """Return what is known of the sandbox, at most a second old; None when there is none."""
    found = _fresh(sandbox_id)
    if found is None and (renewing := _renewing.get(sandbox_id)) is not None:
        await asyncio.wait({renewing})
        found = _fresh(sandbox_id)
    return found[1] if found else await _look_up_anew(sandbox_id)


def admitted(target: Target, _headers: Headers) -> Access | None:
    """The running sandbox that a request with these headers may see at once; None where that has to
    be asked, refused or explained first."""
    found = _fresh(target.sandbox_id)
    if found is None or found[1] is None or found[1].status != "running":
        return None
    if found[0] >= RENEWED_AT and target.sandbox_id not in _renewing:
        task = asyncio.create_task(_renew(target.sandbox_id), name="preview access")
        _renewing[target.sandbox_id] = task
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


async def held(sandbox_id: str) -> Held:
    """What a connection to its servers rests on: that the sandbox is there, and still belongs to
    whom it belongs to now, who may sign in. Nothing where there is no such sandbox."""
    known = await look_up(sandbox_id)
    return (None, None) if known is None else held_by(known)


def held_by(known: Access) -> Held:
    """As `held`, for a sandbox that is there."""
    return Right(known.owner_id), finding.subject(known.sandbox_id)


def forget(sandbox_id: str) -> None:
    """Make the next look-up read the database."""
    _known.pop(sandbox_id, None)


def _read(sandbox_id: str) -> Access | None:
    there = Sandbox.objects.select_related("session").filter(
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
        name=sandbox.name,
        status=sandbox.status,
        session_id=session.pk if session else "",
        why=sandbox.why,
        error=session.error if session else "",
        console=sandbox.preview_console,
    )

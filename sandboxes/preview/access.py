"""Whether a preview may be shown, and by which session of its sandbox.

Knowing the unguessable id in the host name is the right to see the preview, as with a shared
link; nothing of the platform can be reached through it. The link is its owner's, and works for as
long as the owner may sign in.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from sandboxes.models import Sandbox
from sandboxes.services import activity, finding
from vibe.accounts.services.rights import Held, Right
from vibe.data.database import in_thread

FRESH_FOR = 1.0  # seconds
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


async def look_up(sandbox_id: str) -> Access | None:
    """Return what is known of the sandbox, at most a second old; None when there is none."""
    remembered = _known.get(sandbox_id)
    if remembered is not None and time.monotonic() - remembered[0] < FRESH_FOR:
        return remembered[1]
    access = await in_thread(_read, sandbox_id)
    _known[sandbox_id] = (time.monotonic(), access)
    _known.move_to_end(sandbox_id)
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return access


async def held(sandbox_id: str) -> Held:
    """What a connection to its servers rests on: that the sandbox is there, and still belongs to
    whom it belongs to now, who may sign in. Nothing where there is no such sandbox."""
    known = await look_up(sandbox_id)
    if known is None:
        return None, None
    return Right(known.owner_id), finding.subject(sandbox_id)


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

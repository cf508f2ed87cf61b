"""What is known of a sandbox whose preview is asked for: how it stands, and who may enter."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from sandboxes.models import Sandbox
from sandboxes.services import activity, preview_rules
from sandboxes.services.preview_rules import Rule, Rules
from vibe.data.database import in_thread

FRESH_FOR = 1.0  # seconds
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
    rules: Rules
    otherwise: Rule

    def rule(self, port: int) -> Rule:
        return self.rules.get(port, self.otherwise)


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
        rules=preview_rules.rules_of(sandbox),
        otherwise=preview_rules.otherwise(sandbox),
    )

"""One check from its beginning to its end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from chat.checking import own_preview, project, sending, serving
from chat.checking.verdict import Verdict, verdict
from chat.models import Check
from chat.services import problems
from chat.services.checking import checks
from sandboxes.models import Checkpoint, PageVisit
from sandboxes.services import checkpoints, page_visits
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.shares.owner import of_user, set_owner

logger = logging.getLogger(__name__)

# For everything but waiting for a turn among others.
CHECK_SECONDS, VISIT_SECONDS = 600.0, 120.0
SAVED_SECONDS = 90.0
STOPPED = "The platform was stopped before it was done."


@dataclass
class Findings:
    """What is known so far; kept also when a check breaks off."""

    port: int | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    console: list[Any] = field(default_factory=list)
    visit: PageVisit | None = None
    strangers: list[str] = field(default_factory=list)
    # Forms that were tried without sending anything, as the engine tells them.
    held: list[dict[str, Any]] = field(default_factory=list)
    # Why the check is not complete.
    lacks: str = ""


async def run(check_id: str) -> None:
    """Carry out a check that waits, and settle it. Raises nothing for what it finds."""
    check = await in_thread(checks.claim, check_id)
    if check is None:
        return
    set_owner(of_user(check.turn.conversation.owner_id))
    found = Findings()
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            if not await _find(check, found):
                await in_thread(checks.drop, check)
                return
    except TimeoutError:
        found.lacks = f"It was not done within {CHECK_SECONDS:.0f} s."
    except Refusal as refusal:
        found.lacks = str(refusal)
    except asyncio.CancelledError:
        found.lacks = STOPPED
    except Exception:
        logger.exception("Check %s broke", check_id)
        found.lacks = "The check itself broke off; the log of the platform tells more."
    await in_thread(_settle, check, found)


async def _find(check: Check, found: Findings) -> bool:
    """Fill in `found`; False when there is nothing to check."""
    sandbox = check.turn.conversation.sandbox
    if sandbox is None or check.version is None:
        return False
    await checkpoints.settled(sandbox.pk, SAVED_SECONDS)
    if not await in_thread(_has_changed, check):
        return False
    servers = await in_thread(serving.known, check)
    if not servers:
        return False
    await in_thread(checks.begins, check)
    answer = await serving.answering(check, servers, found.steps)
    if answer is None:
        return True
    found.port = answer.port
    await _visited(check, answer, found)
    if await in_thread(checks.is_overtaken, check):
        found.lacks = "The next turn began before it was done."
        return True
    if found.held and not found.lacks:
        await sending.tried(check, answer.port, found.held, found.steps)
    async for step in project.checked(sandbox):
        found.steps.append(step)
    if await in_thread(checks.is_overtaken, check):
        found.lacks = "The next turn began before it was done."
    return True


async def _visited(check: Check, answer: serving.Answer, found: Findings) -> None:
    """Look at the app by a browser; where there is none, by the answer to one request."""
    plan = {
        "path": "/",
        "steps": check.plan,
        "explore": True,
        "forms": None,  # they are sent on a copy: the data of the app is the person's
    }
    sandbox = check.turn.conversation.sandbox
    assert sandbox is not None
    try:
        visit = await in_thread(page_visits.ask, sandbox, answer.port, plan, VISIT_SECONDS)
    except Refusal as refusal:
        found.steps += [*serving.judged(answer), await own_preview.told(check)]
        hint = f" {refusal.hint}" if refusal.hint else ""
        found.lacks = (
            "It was looked at over HTTP, and by what your own open preview reports, alone: "
            f"{refusal}{hint}"
        )
        return
    found.visit = visit
    patience = page_visits.patience(visit)
    ended = await page_visits.ended(visit.pk, patience)
    if ended is None:
        await in_thread(lambda: page_visits.settle(visit.pk, error="Nobody waits any more."))
        found.lacks = f"No browser came to its turn within {patience:.0f} s."
        return
    found.steps += ended.result.get("steps") or []
    found.console = ended.result.get("console") or []
    found.strangers = ended.result.get("strangers") or []
    found.held = ended.result.get("held") or []
    found.lacks = ended.error


def _has_changed(check: Check) -> bool:
    """Whether the turn's version differs from the one before. Of one that could not be saved
    nobody knows."""
    saved = Checkpoint.objects.filter(version=check.version_id).first()
    if saved is None or saved.status == Checkpoint.Status.UNCHANGED:
        return False
    return saved.status != Checkpoint.Status.MADE or saved.files_changed > 0


def _settle(check: Check, found: Findings) -> None:
    result: Verdict = verdict(found.steps, found.lacks, found.strangers)
    ended = checks.settle(
        check.pk,
        result.status,
        result.reason,
        port=found.port,
        steps=found.steps,
        console=found.console,
        visit=found.visit,
    )
    if ended and result.status != Check.Status.UNCHECKED:
        check.refresh_from_db()
        problems.report_check(check.turn, checks.faults_of(check, but_listed=True))

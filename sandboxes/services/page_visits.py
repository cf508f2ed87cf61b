"""Visits of the platform's browser to apps: asked for, awaited, looked up."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandboxes.engine.ports import IN_WORDS, is_usable
from sandboxes.host import browsers
from sandboxes.models import PagePicture, PageVisit, Sandbox
from sandboxes.news import events
from sandboxes.services import quotas, waiting
from sandboxes.services.finding import not_running
from sandboxes.services.queues import queue_of
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

RUN_JOB = "sandboxes.jobs.visit_page"
LONGEST_SECONDS = 300.0
# What a user may have waiting or under way; one is carried out at a time for each sandbox.
AT_ONCE = 6
# Pictures of so many visits are kept for each sandbox.
KEPT = 60
# For its turn among others, and a browser that starts on a busy machine.
PATIENCE = 150.0


def ask(sandbox: Sandbox, port: int, plan: dict[str, Any], seconds: float) -> PageVisit:
    """Ask for a visit of at most so many seconds; it is carried out in the background.

    plan: as `sandboxes.engine.browser.visit` takes it. Raises Refusal: unavailable (there is no
    browser here), not_running, quota, invalid.
    """
    why, hint = browsers.problem()
    if why:
        raise Refusal(why, hint, code="unavailable")
    if not is_usable(port):
        raise Refusal(f"Port {port} cannot be looked at.", f"There are {IN_WORDS}.")
    if sandbox.session is None or not sandbox.is_running:
        raise not_running(sandbox)
    with transaction.atomic():
        quotas.take_turn(sandbox.owner_id)
        pending = PageVisit.objects.filter(
            sandbox__owner=sandbox.owner_id, status__in=PageVisit.PENDING
        )
        if pending.count() >= AT_ONCE:
            raise Refusal(
                f"{AT_ONCE} pages of yours are being looked at already.",
                "Wait until one of them is done.",
                code="limit",
            )
        visit = PageVisit.objects.create(
            sandbox=sandbox,
            node=sandbox.session.node,
            port=port,
            plan=plan,
            seconds=min(seconds, LONGEST_SECONDS),
        )
        enqueue(queue_of(visit), RUN_JOB, visit.pk, job_id=visit.pk)
    return visit


def claim(visit_id: str) -> PageVisit | None:
    """Take a visit that waits; None for one that somebody has, or that is not wanted any more."""
    rows = PageVisit.objects.filter(pk=visit_id, status=PageVisit.Status.QUEUED)
    if not rows.update(status=PageVisit.Status.RUNNING, started_at=timezone.now()):
        return None
    return PageVisit.objects.select_related("sandbox__session").get(pk=visit_id)


def settle(
    visit_id: str,
    *,
    result: dict[str, Any] | None = None,
    pictures: dict[str, bytes] | None = None,
    error: str = "",
) -> bool:
    """Record the end of a visit, once; and tell whoever waits for it."""
    with transaction.atomic():
        ended = PageVisit.objects.filter(pk=visit_id, status__in=PageVisit.PENDING).update(
            status=PageVisit.Status.FAILED if error else PageVisit.Status.DONE,
            result=result or {},
            error=error,
            finished_at=timezone.now(),
        )
        if ended:
            made = [
                PagePicture(visit_id=visit_id, name=name, data=data)
                for name, data in (pictures or {}).items()
                if data
            ]
            PagePicture.objects.bulk_create(made)
    if ended:
        _forget_old(visit_id)
        done = EventStream(events.done_key(visit_id))
        done.append(type="done")
        done.finish(3600)
    return bool(ended)


def wait(visit: PageVisit, timeout: float) -> PageVisit:
    """Block until it has ended, or is given up after `timeout` seconds; the refreshed row."""
    stream = EventStream(events.done_key(visit.pk))
    deadline = time.monotonic() + timeout
    while True:
        visit.refresh_from_db()
        left = deadline - time.monotonic()
        if not visit.is_pending:
            return visit
        if left <= 0:
            settle(visit.pk, error=f"It did not come to its turn within {timeout:.0f} s.")
            visit.refresh_from_db()
            return visit
        stream.wait(0, min(left, 5.0))


async def ended(visit_id: str, timeout: float) -> PageVisit | None:
    """As `wait`, for an event loop; None when it took too long."""

    def look() -> PageVisit | None:
        found = PageVisit.objects.get(pk=visit_id)
        return None if found.is_pending else found

    return await waiting.until(events.done_key(visit_id), look, timeout)


def patience(visit: PageVisit) -> float:
    """Seconds after which nobody waits for it any more."""
    return visit.seconds + PATIENCE


def picture(user: User, visit_id: str, name: str) -> bytes:
    """A JPEG of the user's own. Raises Refusal(not_found)."""
    found = PagePicture.objects.filter(
        visit=visit_id, name=name, visit__sandbox__owner=user, visit__sandbox__deleted_at=None
    ).first()
    if found is None:
        raise Refusal("There is no such picture.", "It may be too old.", code="not_found")
    return bytes(found.data)


def _forget_old(visit_id: str) -> None:
    sandbox = PageVisit.objects.values_list("sandbox_id", flat=True).get(pk=visit_id)
    with_pictures = PagePicture.objects.filter(visit__sandbox=sandbox)
    kept = list(
        with_pictures.order_by("-visit__created_at")
        .values_list("visit_id", flat=True)
        .distinct()[:KEPT]
    )
    if len(kept) == KEPT:
        with_pictures.exclude(visit__in=kept).delete()

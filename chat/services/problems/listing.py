"""Errors of a conversation as they are listed, found and counted."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, IntegerField, QuerySet, When

from chat.models import Check, Conversation, Problem, Version
from vibe.accounts.models import User
from vibe.refusal import Refusal


def list_for(conversation: Conversation) -> QuerySet[Problem]:
    """What needs somebody first, then what is under way, then warnings, then what is over."""
    rank = Case(
        When(severity=Problem.Severity.WARNING, status__in=Problem.LIVE, then=2),
        When(status=Problem.Status.OPEN, then=0),
        When(status__in=Problem.LIVE, then=1),
        default=3,
        output_field=IntegerField(),
    )
    rows = Problem.objects.filter(conversation=conversation)
    return rows.select_related("since", "turn").order_by(rank, "-last_seen", "-id")


def open_count(conversation: Conversation) -> int:
    """Errors that are there now; warnings do not count."""
    return Problem.objects.filter(
        conversation=conversation,
        status__in=[Problem.Status.OPEN, Problem.Status.REPAIRING],
        severity=Problem.Severity.ERROR,
    ).count()


def waiting(conversation: Conversation) -> list[Problem]:
    """Open errors, the oldest first: what "Fix all" means."""
    rows = Problem.objects.filter(
        conversation=conversation,
        status=Problem.Status.OPEN,
        severity=Problem.Severity.ERROR,
    )
    return list(rows.order_by("first_seen", "id"))


def pages_said(conversation_id: str, since: datetime) -> list[Problem]:
    """Errors that previewed pages have reported since then, the first few."""
    rows = Problem.objects.filter(
        conversation=conversation_id,
        kind=Problem.Kind.BROWSER,
        severity=Problem.Severity.ERROR,
        last_seen__gte=since,
    )
    return list(rows.order_by("first_seen", "id")[:4])


def get_for(user: User, problem_id: str) -> Problem:
    """The user's problem; Refusal(not_found) also for somebody else's."""
    found = (
        Problem.objects.select_related("conversation", "turn", "since", "command__sandbox")
        .filter(pk=problem_id, conversation__owner=user)
        .first()
    )
    if found is None:
        raise Refusal("There is no such problem.", "It may have been deleted.", code="not_found")
    return found


def since(problem: Problem) -> int | None:
    """Number of the version that had it first; None where that is not saved."""
    if problem.since is not None:
        return problem.since.number
    if problem.since_turn_id is None:
        return None
    made = Version.objects.filter(turn=problem.since_turn_id, number__isnull=False)
    return made.order_by("number").values_list("number", flat=True).first()


def good_version(problem: Problem) -> Version | None:
    """The last version without it, if possible one that was checked; None where there is none."""
    number = since(problem)
    before = Version.objects.filter(conversation=problem.conversation_id, number__isnull=False)
    if number is not None:
        before = before.filter(number__lt=number)
    else:
        before = before.filter(created_at__lt=problem.first_seen)
    checked = before.filter(checks__status=Check.Status.CHECKED)
    return checked.order_by("number").last() or before.order_by("number").last()

"""One cause, one row: a server's traceback takes in the failing answer that it has made.

They come by two roads, the answer first. Which traceback an answer is of is only said where one
alone can be meant: the only one of that moment, or the one that names the path.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from chat.models import Problem
from chat.problems.found import COMMAND, SERVER, Found
from chat.services.storable import storable

# Output is read some seconds after it was written.
WITHIN = timedelta(seconds=10)
# Sources of errors that print the road to them.
LANGUAGES = ("python", "node", "go", "java", "ruby", "php")
MOST = 8


def take_in(conversation_id: str, answer: Found, at: datetime) -> Problem | None:
    """The row that a failing answer was counted at, as evidence; None for one of its own. In a
    transaction that holds the conversation's lock."""
    causes = list(_causes(conversation_id))
    for cause in causes:
        # Where a repair has just ended, a request that still fails is news.
        if cause.status != Problem.Status.WATCHED and any(
            one.get("title") == answer.title for one in cause.evidence
        ):
            return _noted(cause, answer.title, answer.times, at)
    recent = [one for one in causes if one.last_seen >= at - WITHIN]
    meant = _meant(recent, answer.title)
    return _noted(meant, answer.title, answer.times, at) if meant else None


def take_answers(cause: Problem, at: datetime) -> None:
    """Fold answers of the same moment, on which nobody has decided yet, into the traceback that
    has just been read. In the same transaction as that."""
    if not _causes(cause.conversation_id).filter(pk=cause.pk).exists():
        return
    answers = Problem.objects.filter(
        conversation=cause.conversation_id,
        kind=SERVER,
        status=Problem.Status.OPEN,
        decided_at=None,
        attempts=0,
        last_seen__gte=at - WITHIN,
    )
    recent = list(_causes(cause.conversation_id).filter(last_seen__gte=at - WITHIN))
    for answer in answers:
        meant = _meant(recent, answer.title)
        if meant is not None and meant.pk == cause.pk:
            _noted(cause, answer.title, answer.count, answer.last_seen)
            answer.delete()


def _causes(conversation_id: str) -> QuerySet[Problem]:
    return Problem.objects.filter(
        conversation=conversation_id,
        kind=COMMAND,
        about__in=LANGUAGES,
        severity=Problem.Severity.ERROR,
        command__background=True,
        status__in=(*Problem.LIVE, Problem.Status.IGNORED),
    )


def _meant(causes: list[Problem], title: str) -> Problem | None:
    if len(causes) == 1:
        return causes[0]
    path = title.split(" ")[1] if title.count(" ") else ""
    naming = [one for one in causes if len(path) > 1 and path in one.detail]
    return naming[0] if len(naming) == 1 else None


def _noted(cause: Problem, title: str, times: int, at: datetime) -> Problem:
    title = storable(title)
    known = [one for one in cause.evidence if one.get("title") == title]
    count = sum(int(one.get("count") or 0) for one in known) + times
    others = [one for one in cause.evidence if one.get("title") != title]
    seen = {"kind": SERVER, "title": title, "count": count, "last_seen": at.isoformat()}
    cause.evidence = [*others, seen][-MOST:]
    cause.save(update_fields=["evidence"])
    return cause

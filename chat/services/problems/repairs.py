"""Turns that are to mend errors: what is said in them, and how they begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.models import Conversation, ErrorMonitor, Problem, QueuedMessage, Turn
from chat.services import events, queue, turns
from chat.services.problems import auditing
from vibe.refusal import Code, Refusal

Status = Problem.Status
# Of one message.
MOST = 10
DETAIL = 2_500
# Statuses in which a person may ask for a repair.
MENDABLE = (Status.OPEN, Status.WATCHED, Status.IGNORED, Status.RESOLVED)


def told(found: Sequence[Problem]) -> str:
    """The message that reports the errors. What they say is quoted, as a stranger's words."""
    many = f"these {len(found)} errors" if len(found) > 1 else "this error"
    head = f"Fix {many} of the app. Find the cause and mend it; change nothing else."
    again = [problem for problem in found if problem.attempts]
    if again:
        head += " A repair before this one did not help: look for another cause."
    return "\n\n".join([head, *map(_quoted, found), _files(found)]).strip()


def question(problem: Problem) -> str:
    return (
        "Explain this error in plain words: what causes it, and what you would do about it. "
        f"Change nothing yet.\n\n{_quoted(problem)}"
    )


def another(problem: Problem) -> str:
    return (
        f"It is still there after {problem.attempts or 1} repairs. Fix it by another approach. Say "
        "first in one sentence why the repairs before have failed, then do it differently.\n\n"
        f"{_quoted(problem)}"
    )


def _quoted(problem: Problem) -> str:
    where = f" in `{_plain(problem.path)}`" if problem.path else ""
    where += f", line {problem.line}" if problem.path and problem.line else ""
    source = f"\nShown by: {_plain(problem.source)}" if problem.source else ""
    text = (problem.detail or problem.title)[:DETAIL]
    fence = "`" * max(3, _longest_run(text) + 1)
    times = f", seen {problem.count} times" if problem.count > 1 else ""
    seen = "".join(f"\nSeen as: {_plain(str(one.get('title')))}" for one in problem.evidence)
    return f"{_KINDS[problem.kind]}{where}{times}:{source}{seen}\n{fence}\n{text}\n{fence}"


_KINDS = {
    "command": "Error of a command",
    "server": "The server failed",
    "browser": "Error in the browser",
    "check": "The check of the app failed",
}


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


def _longest_run(text: str) -> int:
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest


def _files(found: Sequence[Problem]) -> str:
    paths = list(dict.fromkeys(_plain(one.path) for one in found if one.path))
    return f"Files that may be involved: {', '.join(paths)}" if paths else ""


def by_monitor(
    conversation: Conversation, found: Sequence[Problem], reasons: dict[str, str], now: datetime
) -> Turn | None:
    """Begin a turn that is to mend these open errors; None when it may not begin now.

    All or nothing, in one transaction: whoever comes second, or after a crash, finds the errors
    taken. Raises Refusal: the owner's share of turns is used up.
    """
    with transaction.atomic():
        queue.lock(conversation.pk)
        conversation.refresh_from_db()
        waits = queue.waiting(conversation).exists()
        if conversation.archived_at or waits or queue.is_busy(conversation.pk):
            return None
        taken = [problem for problem in found[:MOST] if _taken(problem, now)]
        if not taken:
            return None
        turn = turns.start_turn(conversation, told(taken), origin=Turn.Origin.MONITOR)
        for problem in taken:
            reason = reasons[problem.pk]
            Problem.objects.filter(pk=problem.pk).update(turn=turn, reason=reason)
        ErrorMonitor.objects.get_or_create(conversation=conversation)
        ErrorMonitor.objects.filter(conversation=conversation).update(
            sent_at=now, fruitless=F("fruitless") + 1
        )
        events.problems_changed(conversation.pk)
    return turn


def _taken(problem: Problem, now: datetime) -> bool:
    return bool(
        Problem.objects.filter(
            pk=problem.pk, status=Status.OPEN, attempts=problem.attempts, decided_at=None
        ).update(status=Status.REPAIRING, attempts=F("attempts") + 1, decided_at=now)
    )


def by_person(
    conversation: Conversation, found: Sequence[Problem], *, differently: bool = False
) -> Turn | QueuedMessage:
    """A person wants these errors mended, now or when the turn under way is over. What counts
    repairs begins anew. Raises Refusal: conflict (they are being repaired), those of the queue."""
    found = [one for one in found if one.status in MENDABLE][:MOST]
    if not found:
        raise Refusal(
            "There is nothing to repair here now.",
            "What is being repaired already is being repaired.",
            Code.CONFLICT,
        )
    now = timezone.now()
    with transaction.atomic():
        text = another(found[0]) if differently else told(found)
        begun = queue.add(conversation, text, when=QueuedMessage.When.TURN)
        turn = begun if isinstance(begun, Turn) else None
        values = {"status": Status.REPAIRING, "turn": turn} if turn else {}
        for problem in found:
            reason = "You asked for another approach." if differently else "You asked for a repair."
            Problem.objects.filter(pk=problem.pk).update(
                attempts=1, needs_person=False, decided_at=now, reason=reason, **values
            )
            auditing.note(problem, "fix", reason, by="person", turn=turn)
        go_on(conversation)
        events.problems_changed(conversation.pk)
    return begun


def ask(problem: Problem) -> Turn | QueuedMessage:
    """A person wants it explained, before anything is changed. Raises Refusal."""
    auditing.note(problem, "ask", "You asked what it means.", by="person")
    return queue.add(problem.conversation, question(problem), when=QueuedMessage.When.TURN)


def set_ignored(problem: Problem, ignored: bool) -> Problem:
    """A person wants no more of it, or wants it back. Raises Refusal(conflict)."""
    now = timezone.now()
    status = Status.IGNORED if ignored else Status.OPEN
    reason = "You ignore it." if ignored else "You took it back."
    free = MENDABLE if ignored else (Status.IGNORED, Status.OPEN)
    rows = Problem.objects.filter(pk=problem.pk, status__in=free)
    if not rows.update(
        status=status, settled_at=now if ignored else None, reason=reason, needs_person=False,
        decided_at=now,
    ):  # fmt: skip
        raise Refusal(
            "The problem is being repaired, or is over.",
            "Look at how it stands now.",
            Code.CONFLICT,
        )
    auditing.note(problem, "ignore" if ignored else "reopen", reason, by="person")
    events.problems_changed(problem.conversation_id)
    problem.refresh_from_db()
    return problem


def go_on(conversation: Conversation) -> None:
    """A person has said how to go on: the monitor may repair again."""
    ErrorMonitor.objects.filter(conversation=conversation).update(fruitless=0, stopped_at=None)

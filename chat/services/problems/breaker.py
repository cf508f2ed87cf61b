"""The loop breaker: repairs stop, what was tried is said, and a person is asked how to go on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from chat.models import Conversation, ErrorMonitor, Message, Part, Problem, Turn
from chat.services import events, queue
from chat.services.context.history import text_of
from chat.services.problems import auditing
from chat.services.problems.listing import good_version

TITLE = "Repairs have stopped"
SAID = 240


def stop(problem: Problem, reason: str, now: datetime, *, everything: bool) -> bool:
    """Leave the error to a person, with a card in the thread; True if this call did it.

    `everything`: the monitor repairs nothing else in this conversation either until then.
    """
    with transaction.atomic():
        queue.lock(problem.conversation_id)
        stopped = Problem.objects.filter(
            pk=problem.pk, status=Problem.Status.OPEN, decided_at=None
        ).update(decided_at=now, needs_person=True, reason=reason[: auditing.REASON])
        if not stopped:
            return False
        if everything:
            ErrorMonitor.objects.update_or_create(
                conversation=problem.conversation, defaults={"stopped_at": now}
            )
        auditing.note(problem, "stop", reason)
        _card(problem, reason, now)
        conversation_id = problem.conversation_id
        transaction.on_commit(lambda: events.thread_changed(conversation_id))
        transaction.on_commit(lambda: events.problems_changed(conversation_id))
    return True


def _card(problem: Problem, reason: str, now: datetime) -> None:
    answer = (
        Message.objects.filter(conversation=problem.conversation, role=Message.Role.ASSISTANT)
        .order_by("position")
        .last()
    )
    if answer is None:  # nothing was said here that it could stand behind
        return
    version = good_version(problem)
    last = answer.parts.aggregate(last=Max("position"))["last"]
    Part.objects.create(
        message=answer,
        position=0 if last is None else last + 1,
        kind=Part.Kind.REPAIRS,
        state=Part.State.DONE,
        text=f"{TITLE}: {problem.title}\n\n{reason}",
        result={
            "title": problem.title,
            "reason": reason,
            "problem": problem.pk,
            "tried": tried(problem.conversation),
            "version": version.pk if version else None,
            "version_number": version.number if version else None,
        },
        started_at=now,
        finished_at=now,
    )


def tried(conversation: Conversation) -> list[dict[str, str]]:
    """What the latest repairs have said at their end, the oldest first."""
    repairs = conversation.turns.filter(origin=Turn.Origin.MONITOR).order_by("-created_at", "-id")
    found = []
    for turn in list(repairs[:3])[::-1]:
        answers = turn.messages.filter(role=Message.Role.ASSISTANT).prefetch_related("parts")
        words = "\n".join(text_of(answer) for answer in answers).strip()
        said = words.partition("\n\n")[0] or turn.get_status_display()
        found.append({"turn": turn.pk, "status": turn.status, "said": said[:SAID]})
    return found

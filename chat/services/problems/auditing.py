"""What was decided on errors, kept with its reason, within bounds."""

from __future__ import annotations

from django.db.models import QuerySet

from chat.models import Conversation, Problem, ProblemDecision, Turn

MOST = 500
REASON = 400


def note(
    problem: Problem, action: str, reason: str, *, by: str = "rules", turn: Turn | None = None
) -> None:
    """Add a row of the decision, and forget the oldest of a conversation that has too many."""
    ProblemDecision.objects.create(
        conversation_id=problem.conversation_id,
        problem=problem,
        title=problem.title,
        action=action,
        by=by,
        reason=reason[:REASON],
        turn=turn,
    )
    mine = ProblemDecision.objects.filter(conversation=problem.conversation_id)
    beyond = mine.order_by("-created_at", "-id").values_list("pk", flat=True)[MOST : MOST + 50]
    if beyond:
        ProblemDecision.objects.filter(pk__in=list(beyond)).delete()


def list_for(conversation: Conversation) -> QuerySet[ProblemDecision]:
    """The newest first."""
    return ProblemDecision.objects.filter(conversation=conversation).select_related("problem")

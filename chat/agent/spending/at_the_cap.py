"""What happens to a turn whose next request no cap lets pass: it waits, and asks the person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from chat.models import Question, Turn
from chat.services.spending import caps
from chat.services.spending.amounts import in_words
from chat.services.spending.refusing import CapReached
from chat.tools.context import Asks

RAISE, AGAIN, STOP = "raise", "again", "stop"


def ask(reached: CapReached, *, stops: bool) -> None:
    """Let the turn wait for an answer, with what it has done so far. Raises in any case: `stops`
    for what has nobody to ask, or who said that nothing more is to be spent."""
    if stops:
        raise reached
    choices = [{"value": AGAIN, "label": "Try again"}, {"value": STOP, "label": "Stop here"}]
    asked: dict[str, Any] = {"title": reached.title, "detail": reached.detail, "choices": choices}
    if reached.raise_to is not None:
        label = f"Raise the cap to {in_words(reached.raise_to)}"
        choices.insert(0, {"value": RAISE, "label": label})
        asked["raise_to"] = str(reached.raise_to)
    raise Asks(Turn.WaitingFor.BUDGET, asked)


def answered(question: Question | None, conversation_id: str) -> bool:
    """Do as the person has answered; True if nothing more is to be spent. Done twice, as after the
    death of a worker, it does no more than once."""
    if question is None or question.kind != Turn.WaitingFor.BUDGET:
        return False
    decision = (question.answer or {}).get("decision")
    if decision == RAISE:
        caps.raise_for(conversation_id, Decimal(question.asked["raise_to"]))
    return decision == STOP

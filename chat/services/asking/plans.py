"""The approved plan of a conversation: the row of its card holds the steps and what is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from chat.models import Part
from vibe.refusal import Refusal

TOOL = "propose_plan"


@dataclass(frozen=True)
class Progress:
    step: str
    done: int
    of: int
    # The numbers of the steps that are still to be done.
    left: list[int]


def approved(conversation_id: str) -> Part | None:
    """The card of the plan that is being built: the last one that was answered, if with a yes."""
    last = (
        Part.objects.filter(
            message__conversation=conversation_id, tool=TOOL, result__has_key="decision"
        )
        .order_by("message__position", "position")
        .last()
    )
    return last if last is not None and last.result["decision"] == "build" else None


def tick(conversation_id: str, number: int) -> tuple[Part, Progress]:
    """Mark the step as done; twice is once. Raises Refusal."""
    with transaction.atomic():
        found = approved(conversation_id)
        if found is None:
            raise Refusal(
                "There is no approved plan.", "Go on without ticking off.", code="not_found"
            )
        part = Part.objects.select_for_update().get(pk=found.pk)
        steps = part.result["steps"]
        if number > len(steps):
            raise Refusal(f"The plan has no step {number}.", f"It has {len(steps)}, from 1.")
        steps[number - 1]["done"] = True
        part.save(update_fields=["result"])
    left = [position for position, step in enumerate(steps, 1) if not step["done"]]
    return part, Progress(steps[number - 1]["text"], len(steps) - len(left), len(steps), left)

from __future__ import annotations

from typing import Any

from chat.models import Part
from chat.tools.card import ToolCard, Verbs

DECIDED = {"change": "changes wanted", "discard": "discarded"}


class Card(ToolCard):
    verbs = Verbs("Planning", "Plan", "Could not plan")

    def subject(self) -> str:
        return str(self.part.result.get("title") or self.part.arguments.get("title") or "")

    def result(self) -> str:
        decision = str(self.part.result.get("decision", ""))
        if decision != "build":
            return DECIDED.get(decision, "")
        steps = self.part.result.get("steps") or []
        done = sum(1 for step in steps if step.get("done"))
        return f"{done} of {len(steps)} steps done"

    def steps(self) -> list[dict[str, Any]]:
        steps = self.part.result.get("steps")
        return steps if self.part.result.get("decision") == "build" and steps else []

    def detail(self) -> str:
        # A plan that is built shows its steps; of another one they unfold.
        if self.part.result.get("decision") == "build" or self.state == Part.State.WAITING:
            return ""
        said = str(self.part.result.get("text") or "")
        steps = self.part.result.get("steps") or []
        lines = [f"{number}. {step.get('text')}" for number, step in enumerate(steps, 1)]
        return "\n".join([*lines, *([f"\nYou: {said}"] if said else [])])

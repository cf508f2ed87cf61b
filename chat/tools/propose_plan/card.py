from __future__ import annotations

from typing import Any

from chat.models import Part
from chat.tools.card import ToolCard, Verbs, mappings

DECIDED = {"change": "changes wanted", "discard": "discarded"}


class Card(ToolCard):
    verbs = Verbs("Planning", "Plan", "Could not plan")

    def subject(self) -> str:
        return str(self.part.result.get("title") or self.part.arguments.get("title") or "")

    def result(self) -> str:
        decision = str(self.part.result.get("decision", ""))
        if decision != "build":
            return DECIDED.get(decision, "")
        steps = mappings(self.part.result.get("steps"))
        done = sum(1 for step in steps if step.get("done"))
        return f"{done} of {len(steps)} steps done"

    def steps(self) -> list[dict[str, Any]]:
        if self.part.result.get("decision") != "build":
            return []
        return mappings(self.part.result.get("steps"))

    def detail(self) -> str:
        # A plan that is built shows its steps; of another one they unfold.
        if self.part.result.get("decision") == "build" or self.state == Part.State.WAITING:
            return ""
        said = str(self.part.result.get("text") or "")
        steps = mappings(self.part.result.get("steps"))
        lines = [f"{number}. {step.get('text')}" for number, step in enumerate(steps, 1)]
        return "\n".join([*lines, *([f"\nYou: {said}"] if said else [])])

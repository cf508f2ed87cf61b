from __future__ import annotations

from typing import Any

from chat.models import Part
from chat.tools.card import ToolCard, Verbs, counted, mappings


class Card(ToolCard):
    verbs = Verbs("Asking you", "You answered", "Could not ask")

    def subject(self) -> str:
        answers = self.answers()
        return str(answers[0].get("answer", "")) if len(answers) == 1 else ""

    def result(self) -> str:
        answers = self.answers()
        return counted(len(answers), "question") if len(answers) > 1 else ""

    def answers(self) -> list[dict[str, Any]]:
        """What was asked, and what the person chose."""
        return mappings(self.part.result.get("answers")) if self.state == Part.State.DONE else []

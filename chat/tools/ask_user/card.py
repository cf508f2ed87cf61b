from __future__ import annotations

from chat.models import Part
from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Asking you", "You answered", "Could not ask")
    asks = "chat/asked/_questions.html"

    def subject(self) -> str:
        return ""

    def result(self) -> str:
        answers = self.part.result.get("answers")
        if self.state != Part.State.DONE or not isinstance(answers, list):
            return ""
        return counted(len(answers), "question")

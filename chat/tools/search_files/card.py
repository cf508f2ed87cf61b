from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Searching for", "Searched for", "Could not search for")
    folds = True

    def subject(self) -> str:
        return str(self.part.arguments.get("text", ""))

    def result(self) -> str:
        matches = self.part.result.get("matches")
        return "" if matches is None else counted(matches, "line")

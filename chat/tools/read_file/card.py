from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Reading", "Read", "Could not read")
    folds = True

    def subject(self) -> str:
        return str(self.part.arguments.get("path", ""))

    def result(self) -> str:
        lines = self.part.result.get("lines")
        return "" if lines is None else counted(lines, "line")

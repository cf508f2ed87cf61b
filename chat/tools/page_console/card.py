from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Reading the console of", "Read the console of", "Could not read the console of")
    folds = True

    def subject(self) -> str:
        return f"port {self.part.arguments.get('port', 3000)}"

    def result(self) -> str:
        lines = self.part.result.get("console")
        return counted(len(lines), "line") if isinstance(lines, list) else ""

from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Listing files", "Listed files", "Could not list files")
    folds = True

    def subject(self) -> str:
        path = str(self.part.arguments.get("path") or "")
        return "" if path in ("", ".") else path

    def result(self) -> str:
        count = self.part.result.get("count")
        return "" if count is None else counted(count, "file")

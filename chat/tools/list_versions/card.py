from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Listing versions", "Listed versions", "Could not list versions")

    def result(self) -> str:
        count = self.part.result.get("count")
        return "" if count is None else counted(count, "version")

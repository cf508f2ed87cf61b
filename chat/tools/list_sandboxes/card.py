from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Listing sandboxes", "Listed sandboxes", "Could not list sandboxes")

    def result(self) -> str:
        count = self.part.result.get("count")
        return "" if count is None else f"{count} sandbox{'' if count == 1 else 'es'}"

from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Looking for tools", "Looked for tools", "Could not look for tools")

    def subject(self) -> str:
        return str(self.part.arguments.get("words") or "")

    def result(self) -> str:
        count = self.part.result.get("count")
        return "" if count is None else counted(count, "tool")

from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Allowing", "Allowed", "Not allowed:")

    def subject(self) -> str:
        return str(self.part.arguments.get("host") or "")

from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Typing", "Typed", "Could not type")

    def subject(self) -> str:
        text = self.part.arguments.get("text")
        return text.strip() if isinstance(text, str) else ""

from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Restoring", "Restored", "Could not restore")

    def subject(self) -> str:
        title = str(self.part.result.get("title") or "")
        words = f"version {self.part.arguments.get('number', '')}".strip()
        return f"{words}: {title}" if title else words
